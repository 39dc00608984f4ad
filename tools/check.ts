// The quick checks, in the order of how fast they tell: the Node that scripts run on, lint, types (tests too), layers, what is published of
// x509, spec, sizes.
import { spawnSync } from 'node:child_process';
import { root } from './files.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 14)) {
  console.error(
    `check: scripts must run on Node 22.14 or newer, and this is ${process.version}. Run "npm ci", which brings one, and start scripts with npm.`,
  );
  process.exit(1);
}
console.log(`check: scripts run on Node ${process.version}`);

const steps: readonly (readonly [string, ...string[]])[] = [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '-b'],
  ['tsc', '-p', 'tsconfig.tests.json'],
  ['node', 'tools/bundle-agent.ts'],
  ['node', 'tools/check-layers.ts'],
  ['node', 'tools/api-docs.ts', '--check'],
  ['publint', '--strict', 'packages/x509'],
  ['node', 'tools/check-spec-refs.ts'],
  ['node', 'tools/check-size.ts'],
];
const failed = steps.filter(
  ([command, ...rest]) => spawnSync(command, rest, { cwd: root, stdio: 'inherit' }).status !== 0,
);
for (const step of failed) console.error(`check: failed: ${step.join(' ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

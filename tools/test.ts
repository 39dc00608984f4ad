// The test command: gets what the tests need from outside (Debian's packages, as root), runs all tests, then takes out each
// security check in turn and sees its test fail. Says at the end what could not be run here and why; with CI=true that is an error.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { canRunLab, databasePackages, ensureDebianPackages, labPackages, tokenPackages } from '@windlass/lab';
import { root } from './files.ts';

const POSTGRES = 'vitest.postgres.config.ts';
const inCi = process.env['CI'] === 'true';
const notRun: string[] = [];

const missing = await ensureDebianPackages(labPackages);
const lab = await canRunLab();
const withoutLab = missing.kind === 'missing' ? missing.reason : lab.kind === 'no' ? lab.reason : null;
if (withoutLab !== null) notRun.push(`the lab with real inspecting proxies: ${withoutLab}`);
const withoutToken = await ensureDebianPackages(tokenPackages);
if (withoutToken.kind === 'missing') notRun.push(`publishers with a key in a PKCS#11 token: ${withoutToken.reason}`);
const withoutDatabase = await ensureDebianPackages(databasePackages);
if (withoutDatabase.kind === 'missing') notRun.push(`the service over PostgreSQL: ${withoutDatabase.reason}`);

const node20 = findNode20();
if (node20 === null)
  notRun.push('the agent on Node 20: no Node 20 on PATH; install one, or name it in WINDLASS_NODE20');
if (!existsSync(process.env['WINDLASS_X509_DATA'] ?? `${root}../shared/data/x509`)) {
  notRun.push('the X.509 conformance suites: see packages/x509/README.md for where to get the data');
}
if (inCi && notRun.length > 0) {
  for (const reason of notRun) console.error(`npm test: cannot run ${reason}`);
  process.exit(1);
}

const environment = { ...process.env, ...(node20 === null ? {} : { WINDLASS_NODE20: node20 }) };
const only = process.argv.slice(2);
const tests = run('vitest', ['run', ...only]);
// Once more those tests of the service that choose no database themselves.
const postgres =
  only.length > 0 || withoutDatabase.kind === 'missing' ? 0 : run('vitest', ['run', '--config', POSTGRES]);
const planted = only.length > 0 ? 0 : run('node', ['tools/planted.ts']);
for (const reason of notRun) console.error(`NOT RUN: ${reason}`);
process.exitCode = tests === 0 && postgres === 0 && planted === 0 ? 0 : 1;

function run(command: string, args: readonly string[]): number {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment }).status ?? 1;
}

/** The agent must also run on Node 20, which may be the one that npm was started with. */
function findNode20(): string | null {
  const candidates = [
    process.env['WINDLASS_NODE20'],
    process.env['npm_node_execpath'],
    ...(process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/node`),
  ];
  for (const candidate of candidates) {
    if (candidate === undefined || !existsSync(candidate)) continue;
    if (execFileSync(candidate, ['--version']).toString().startsWith('v20.')) return candidate;
  }
  return null;
}

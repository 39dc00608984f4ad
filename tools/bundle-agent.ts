// Makes what goes onto a device: the agent as one file with protocol and x509 inside, no npm dependency, plain ES2022; and beside it
// its core alone, as a library for programs that embed it. What belongs to which: decisions/0005.
import { type BuildOptions, build } from 'esbuild';

const root = new URL('../', import.meta.url).pathname;
const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  conditions: ['source'],
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

await build({
  ...common,
  entryPoints: [`${root}packages/agent/src/main.ts`],
  outfile: `${root}packages/agent/dist/windlass-agent.mjs`,
});
const { metafile } = await build({
  ...common,
  entryPoints: [`${root}packages/agent/src/core.ts`],
  outfile: `${root}packages/agent/dist/windlass-agent-core.mjs`,
  metafile: true,
});

const beyond = Object.keys(metafile.inputs).filter((file) => file.includes('/agent/src/command-line/'));
for (const file of beyond) console.error(`bundle-agent: the core imports ${file}, which is the command line's`);
if (beyond.length > 0) process.exitCode = 1;

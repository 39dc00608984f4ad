// Makes the one file that goes onto a device: the agent with protocol and x509 inside, no npm dependency, plain ES2022.
import { build } from 'esbuild';

const root = new URL('../', import.meta.url).pathname;

await build({
  entryPoints: [`${root}packages/agent/src/main.ts`],
  outfile: `${root}packages/agent/dist/windlass-agent.mjs`,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  conditions: ['source'],
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
});

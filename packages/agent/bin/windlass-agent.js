#!/usr/bin/env node
// Committed, so that npm links the command before anything is built. Says in one sentence what is missing.
import { createRequire } from 'node:module';

// To `import` it reads all of its members and loads what those need: memory that waits for years.
const { existsSync } = createRequire(import.meta.url)('node:fs');

const major = Number(process.versions.node.split('.')[0]);
const bundle = new URL('../dist/windlass-agent.mjs', import.meta.url);
if (major < 20) {
  process.stderr.write(`windlass-agent needs Node 20 or newer, and this is ${process.version}.\n`);
  process.exitCode = 1;
} else if (!existsSync(bundle)) {
  process.stderr.write('windlass-agent is not built yet: run "npm run build" first.\n');
  process.exitCode = 1;
} else {
  await import(bundle.href);
}

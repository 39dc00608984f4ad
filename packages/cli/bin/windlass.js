#!/usr/bin/env node
// Committed, so that npm links the command before anything is built. Says in one sentence what is missing.
import { existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const main = new URL('../dist/main.js', import.meta.url);
if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(
    `windlass needs Node 22.14 or newer, and this is ${process.version}: in a checkout, run it as "npx --no-install windlass", which brings its own Node.\n`,
  );
  process.exitCode = 1;
} else if (!existsSync(main)) {
  process.stderr.write('windlass is not built yet: run "npm run build" first.\n');
  process.exitCode = 1;
} else {
  await import(main.href);
}

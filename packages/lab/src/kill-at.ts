/**
 * For `node --import`: the program is killed (SIGKILL) at one of its operations on files below a directory, or lives on where it has fewer.
 * Query of the module's URL: `at`, counted from 0; `below`, the directory; `only`, names of operations, or all that change files. A write is
 * killed in its middle, everything else before it begins: which is after the operation before.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Operation = (...args: unknown[]) => unknown;

const CHANGING = 'writeFileSync,renameSync,fsyncSync,rmSync,chmodSync,mkdirSync,linkSync';
const query = new URL(import.meta.url).searchParams;
const [at, below, only] = [Number(query.get('at')), query.get('below') ?? '/', query.get('only') ?? CHANGING];
let operations = 0;

const module = fs as unknown as Record<string, Operation>;
for (const name of only.split(',')) {
  const original = module[name];
  if (!original) throw new Error(`node:fs has no ${name}`);
  module[name] = (...args) => {
    const [target, bytes] = args;
    const isCounted = typeof target !== 'string' || target.startsWith(below);
    if (isCounted && operations === at) {
      if (name === 'writeFileSync' && (typeof bytes === 'string' || bytes instanceof Uint8Array))
        original(target, bytes.slice(0, Math.floor(bytes.length / 2)), args[2]);
      process.kill(process.pid, 'SIGKILL');
    }
    if (isCounted) operations += 1;
    return original(...args);
  };
}
syncBuiltinESMExports();

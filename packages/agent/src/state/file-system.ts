// The few calls on files that decide whether power loss leaves the old or the new content, as a port, so that tests can lose power
// between any two of them; and the one way in which the agent replaces a file.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { FileSystem } from '../ports.ts';

/** The file has `bytes` afterwards, through power loss too; when interrupted, it has what it had. @see spec C1 */
export function replaceDurably(files: FileSystem, path: string, bytes: Uint8Array, mode: number): void {
  const fresh = `${path}.new`;
  files.write(fresh, bytes, mode);
  files.sync(fresh); // spec C1
  files.rename(fresh, path);
  files.sync(dirname(path)); // spec C1
}

/** The file system of this machine. */
export const diskFiles: FileSystem = {
  read: (path) => (statSync(path, { throwIfNoEntry: false }) ? readFileSync(path) : null),
  write(path, bytes, mode) {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    writeFileSync(path, bytes, { mode, flag: 'wx' });
    chmodSync(path, mode); // the mode above is cut by the umask
  },
  sync(path) {
    const handle = openSync(path, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  },
  rename: renameSync,
};

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
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What is done to a disk. Nothing is durable before `sync` of the file and, for names, of the directory. */
export interface FileSystem {
  /** The content, or null where there is no such file. */
  read(path: string): Uint8Array | null;
  /** A new file with this content and mode; an older one of that name is gone. */
  write(path: string, bytes: Uint8Array, mode: number): void;
  /** The content of the file, or the names in the directory, are on the disk afterwards. */
  sync(path: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
}

/** The file has `bytes` afterwards, through power loss too; when interrupted, it has what it had. @see spec C1 */
export function replaceDurably(files: FileSystem, path: string, bytes: Uint8Array, mode: number): void {
  const directory = dirname(path);
  const fresh = join(directory, `.${basename(path)}.new`);
  files.write(fresh, bytes, mode);
  files.sync(fresh); // spec C1
  files.rename(fresh, path);
  files.sync(directory); // spec C1
}

/** The file system of this machine. */
export const diskFiles: FileSystem = {
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  write(path, bytes, mode) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
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
  remove(path) {
    rmSync(path, { force: true });
  },
};

/** Tells "there is no such file" from every other failure. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

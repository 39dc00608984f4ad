// The agent's private files, mode 0600, in one directory.
import { join } from 'node:path';
import type { StateDirectory } from '../ports.ts';
import { diskFiles, type FileSystem, replaceDurably } from './file-system.ts';

/** The state directory at `path`; made at the first write. */
export function openStateDirectory(path: string, files: FileSystem = diskFiles): StateDirectory {
  return {
    read: (name) => files.read(join(path, name)),
    replace: (name, bytes) => replaceDurably(files, join(path, name), bytes, 0o600),
    remove(name) {
      files.remove(join(path, name));
      files.sync(path);
    },
    setAside(name) {
      files.rename(join(path, name), join(path, `${name}.damaged`));
      files.sync(path);
    },
  };
}

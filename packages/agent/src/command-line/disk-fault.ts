// What the file system refuses, as a sentence that says what to do.

export interface DiskFault {
  readonly text: string;
  /** It may be better in a minute, without anybody who changes the configuration. */
  readonly passes: boolean;
}

/** What to do, and whether it passes by itself; the others are said in the words of the system. */
const KNOWN: Readonly<Record<string, readonly [text: string, passes: boolean]>> = {
  EACCES: ['the user that runs the agent may not do this here: give it the right to', false],
  EPERM: ['the user that runs the agent may not do this here: give it the right to', false],
  EROFS: ['the file system is read-only: this has to be on one that can be written', false],
  ENOENT: ['there is no such file or directory', false],
  ENOTDIR: ['a part of this path is a file, not a directory', false],
  EISDIR: ['this is a directory, and a file is needed', false],
  ENOSPC: ['no room is left on the disk: make some', true],
  EDQUOT: ['the quota of the disk is used up: make room', true],
  EIO: ['the disk fails', true],
  EMFILE: ['too many files are open', true],
  ENFILE: ['too many files are open', true],
};

/** Of an error of the file system; null: it is another one. */
export function diskFaultOf(error: unknown): DiskFault | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  const path = 'path' in error ? `${error.path}` : null;
  const [reason, passes] = KNOWN[`${error.code}`] ?? [null, false];
  if (reason === null) return path === null ? null : { text: `${error.message}.`, passes };
  // A call on an open file has no path: of ours that is one in a directory of the configuration.
  const where = path ?? 'The directory of the state, of the floors, or of the file to be written';
  return { text: `${where}: ${reason} (${error.syscall}: ${error.code}).`, passes };
}

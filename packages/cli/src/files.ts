/** Files of the user: read with a limit and a sentence for each way it can fail, written whole or not at all. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandError, explainSystemError } from './errors.ts';

/** Largest certificate file, key file or message that a command reads. */
export const inputLimitBytes = 262_144;

/** The bytes of a regular file, 256 KiB at most unless told. `what` names what is expected ("a certificate"). @throws CommandError */
export function readInputFile(path: string, what: string, limitBytes = inputLimitBytes): Uint8Array {
  const file = describing(path, what, () => openSync(path, 'r'));
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new CommandError(`${path} is a directory: name a file with ${what}.`);
    if (!stat.isFile()) throw new CommandError(`${path} is not a regular file: name a file with ${what}.`);
    if (stat.size === 0) throw new CommandError(`${path} is empty: name a file with ${what}.`);
    if (stat.size > limitBytes) {
      throw new CommandError(
        `${path} has ${stat.size} bytes, and the limit is ${limitBytes}: is it a file with ${what}?`,
      );
    }
    return describing(path, what, () => new Uint8Array(readFileSync(file)));
  } finally {
    closeSync(file);
  }
}

/** As readInputFile, as UTF-8 text. */
export function readInputText(path: string, what: string): string {
  const bytes = readInputFile(path, what);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CommandError(`${path} is not text: name a file with ${what}.`, { cause });
  }
}

function describing<T>(path: string, what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new CommandError(`There is no file ${path}: name a file with ${what}.`, { cause });
    }
    throw new CommandError(explainSystemError(cause) ?? `${path} cannot be read.`, { cause });
  }
}

export interface NewFile {
  readonly name: string;
  readonly content: Uint8Array | string;
  /** 0o600 for what is secret. */
  readonly mode: number;
}

/**
 * The directory exists with all files, or nothing has changed: it is filled beside its place and renamed. An empty directory
 * at the place is taken, anything else is refused. @throws CommandError
 */
export function writeNewDirectory(path: string, files: readonly NewFile[]): void {
  const place = resolve(path);
  const partial = join(dirname(place), `.${randomBytes(8).toString('hex')}.partial`);
  try {
    mkdirSync(dirname(place), { recursive: true });
    mkdirSync(partial, { mode: 0o700 });
    for (const file of files) writeDurably(join(partial, file.name), file.content, file.mode);
    syncDirectory(partial);
    renameSync(partial, place);
    syncDirectory(dirname(place));
  } catch (cause) {
    rmSync(partial, { recursive: true, force: true });
    throw new CommandError(sentenceForNewDirectory(path, cause), { cause });
  }
}

function sentenceForNewDirectory(path: string, cause: unknown): string {
  if (existsSync(path)) return `${path} exists already and is not overwritten: choose another path, or move it away.`;
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return `${path} is below a file, which is no directory: choose another path.`;
  return explainSystemError(cause) ?? `${path} cannot be written.`;
}

/** A new file with this content, whole or not at all; what exists is not overwritten. @throws CommandError */
export function writeNewFile(path: string, content: Uint8Array | string, mode: number): void {
  try {
    writeDurably(path, content, mode);
    syncDirectory(dirname(resolve(path)));
  } catch (cause) {
    throw new CommandError(explainSystemError(cause) ?? `${path} cannot be written.`, { cause });
  }
}

/** A file of its own, 0600, that did not exist before; its directories are made with 0700. */
export interface ReservedFile {
  /** The content is in the file, durably. */
  fill(content: string): void;
  /** The file is gone again. */
  giveUp(): void;
}

/** The file exists, empty, so that what is obtained only once can surely be stored. @throws CommandError when it exists already */
export function reserveSecretFile(path: string): ReservedFile {
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true, mode: 0o700 });
    const file = openSync(path, 'wx', 0o600);
    return {
      fill: (content) => {
        writeFileSync(file, content);
        fsyncSync(file);
        closeSync(file);
        syncDirectory(dirname(resolve(path)));
      },
      giveUp: () => {
        closeSync(file);
        rmSync(path, { force: true });
      },
    };
  } catch (cause) {
    throw new CommandError(explainSystemError(cause) ?? `${path} cannot be written.`, { cause });
  }
}

/**
 * What was obtained, without its member `secret`, which is a line of a new file. A token can be had only once: the file is made before, and
 * taken away again when nothing comes. @throws CommandError when the file exists already, and what `obtain` throws
 */
export async function keepSecret<Secret extends string, Answer extends Readonly<Record<Secret, string>>>(
  path: string,
  secret: Secret,
  obtain: () => Promise<Answer>,
): Promise<Omit<Answer, Secret>> {
  const file = reserveSecretFile(path);
  try {
    const { [secret]: text, ...rest } = await obtain();
    file.fill(`${text}\n`);
    return rest;
  } catch (error) {
    file.giveUp();
    throw error;
  }
}

function writeDurably(path: string, content: Uint8Array | string, mode: number): void {
  const file = openSync(path, 'wx', mode);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

// Files that nobody else may read: how they are written (0600, whole or not at all) and when they are refused.
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SignerError } from './ports.ts';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;
const OTHERS = 0o077;

/** The directory exists and only its owner can look into it. */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  chmodSync(path, OWNER_ONLY_DIRECTORY);
}

/** The directory exists; made anew, it is its owner's alone, who is the owner of the directory that it is in. */
export function makeSignerDirectory(path: string): void {
  if (existsSync(path)) return;
  makePrivateDirectory(path);
  const owner = ownerFor(path);
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
}

/**
 * The file has this content and mode, durably; a crash leaves the old content or the new, never a part. Written by root, it
 * belongs to the owner of its directory: the sides of the service may be users of their own.
 */
export function writePrivateFile(path: string, content: string | Uint8Array, mode = OWNER_ONLY): void {
  // Not by the process: in containers that share the directory all have the same number.
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.new`);
  const file = openSync(temporary, 'wx', OWNER_ONLY);
  try {
    const owner = ownerFor(path);
    if (owner !== null) fchownSync(file, owner.uid, owner.gid);
    fchmodSync(file, mode);
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

/** Only root can give a file away; null for everybody else. */
function ownerFor(path: string): { readonly uid: number; readonly gid: number } | null {
  return process.getuid?.() === 0 ? statSync(dirname(path)) : null;
}

/** What was renamed or made in the directory survives a power loss. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** The text of a file that only its owner can read. @throws SignerError `signer-missing`, `signer-permissions`, `signer-unreadable` */
export function readPrivateFile(path: string): string {
  const text = readFile(path);
  if ((statSync(path).mode & OTHERS) !== 0) {
    throw new SignerError('signer-permissions', `Others can read the key ${path}: run "chmod 600 ${path}".`);
  }
  return text;
}

/** The text of a file. @throws SignerError `signer-missing`, `signer-unreadable` */
export function readFile(path: string): string {
  if (!existsSync(path))
    throw new SignerError('signer-missing', `There is no file ${path}: put it back, or issue a new one.`);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SignerError('signer-unreadable', `${path} cannot be read: check its owner and permissions.`, { cause });
  }
}

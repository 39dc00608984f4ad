// Responders wait on the management side (keys/responders-later) and are handed to the device side (keys/responders) when they
// are due, so that who takes the device side over gets the current one and the next, not a year of them.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { fingerprintOf, pemOf, timeOf } from '../certificates.ts';
import { LIFETIME } from './forms.ts';
import { freeName, RESPONDERS, RESPONDERS_LATER, type SignerFile, surveySigners } from './key-directory.ts';
import { SignerError } from './ports.ts';
import { makeSignerDirectory, readPrivateFile, writePrivateFile } from './private-file.ts';

/**
 * How long before its start a responder is handed over, in seconds: the life of one, so that the next one is always there. It
 * goes by time alone: who empties keys/responders is not given more.
 */
export const HAND_OVER_SECONDS = LIFETIME.responder;

/**
 * keys/responders under `keys` (D/keys) has every responder in store that has not ended and starts within 30 days; what is there
 * has the owner of that directory, keys 0600, certificates readable for whom the directory is. Those that ended are gone from
 * both directories while another one is valid. What cannot be read in keys/responders stays as it is.
 * `user` is who writes; default: the process's.
 * @throws SignerError `signer-permissions` (the directory is another user's, and this is not root), `signer-unreadable`
 */
export function handOver(keys: string, now: UnixSeconds, user = process.getuid?.()): void {
  const [target, later] = [join(keys, RESPONDERS), join(keys, RESPONDERS_LATER)];
  const [there, waiting] = [surveySigners(target).signers, surveySigners(later).signers];
  const due = waiting.filter(({ certificate }) => !isOver(certificate, now) && startsSoon(certificate, now));
  const isValid = ({ certificate }: SignerFile) =>
    timeOf(certificate.notBefore) <= now && now <= timeOf(certificate.notAfter);
  // A clock that went wrong must not cost every key there is.
  const all = [...there, ...waiting];
  const ended = all.some(isValid) ? all.filter(({ certificate }) => isOver(certificate, now)) : [];
  if (due.length + ended.length === 0) return;
  if (existsSync(target)) refuseForeign(target, user);
  else makeSignerDirectory(target);
  try {
    const present = new Set(there.map(({ certificate }) => fingerprintOf(certificate.der)));
    for (const file of due) move(file, target, present.has(fingerprintOf(file.certificate.der)));
    for (const { files } of ended) remove(files);
  } catch (cause) {
    if (cause instanceof SignerError) throw cause;
    throw new SignerError(
      'signer-unreadable',
      `Responders cannot be moved to ${target}: check its owner and permissions.`,
      { cause },
    );
  }
}

function isOver({ notAfter }: Certificate, now: UnixSeconds): boolean {
  return timeOf(notAfter) < now;
}

function startsSoon({ notBefore }: Certificate, now: UnixSeconds): boolean {
  return timeOf(notBefore) <= now + HAND_OVER_SECONDS;
}

/** A key that is written by another user than the one who reads it would be of no use: keys are 0600. */
function refuseForeign(directory: string, user: number | undefined): void {
  if (user === undefined || user === 0 || statSync(directory).uid === user) return;
  throw new SignerError(
    'signer-permissions',
    `${directory} belongs to another user: run "windlass signer install --dir DIRECTORY" as root each day.`,
  );
}

function move({ certificate, files }: SignerFile, target: string, isThere: boolean): void {
  if (!isThere) {
    const key = keyOrGone(files);
    if (key === null) return;
    const own = basename(files.certificate, '.pem');
    const name = readdirSync(target).some((other) => other.startsWith(`${own}.`)) ? freeName([target]) : own;
    writePrivateFile(join(target, `${name}.key`), key);
    const readers = 0o044 & statSync(target).mode;
    writePrivateFile(join(target, `${name}.pem`), pemOf(certificate.der), 0o600 | readers);
  }
  remove(files);
}

/** null when another process has handed it over meanwhile. */
function keyOrGone({ certificate, key }: SignerFile['files']): string | null {
  try {
    return readPrivateFile(key);
  } catch (cause) {
    if (!existsSync(certificate)) return null;
    throw cause;
  }
}

/** Certificate first: one without its key is never found. */
function remove({ certificate, key }: SignerFile['files']): void {
  rmSync(certificate, { force: true });
  rmSync(key, { force: true });
}

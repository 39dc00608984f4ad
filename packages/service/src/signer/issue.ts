// `windlass signer issue` and `install`: signers of the service are certified where the anchor's key is, offline and in
// advance, and carried to the service in a directory.
import { randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { formatTime, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { fingerprintOf, serviceOf, timeOf } from '../certificates.ts';
import type { KeyAndCertificate, NewSigner } from './certify.ts';
import { belongsTo, readCertificateFile, readKeyFile, writeSigner } from './file.ts';
import { newServiceSigner, RESPONDER_OVERLAP_SECONDS } from './forms.ts';
import { listSignerDirectory, type SignerFile } from './key-directory.ts';
import { SignerError, type SignerPurpose } from './ports.ts';
import { makePrivateDirectory, syncDirectory } from './private-file.ts';

/** One signer that was issued or installed. */
export interface IssuedSigner {
  readonly role: SignerPurpose;
  /** Where its certificate is; the key is beside it, `.key`. */
  readonly file: string;
  /** Times as text. */
  readonly from: string;
  readonly until: string;
  readonly fingerprint: string;
}

/** What was issued or installed, by when they start. */
export interface IssuedSigners {
  readonly signers: readonly IssuedSigner[];
}

/** What to issue, and with which anchor. */
export interface IssueOptions {
  /** File with the anchor's key. */
  readonly anchorKey: string;
  /** File with the anchor's certificate; default: service-anchor.pem beside the key, or above it. */
  readonly anchor?: string;
  readonly role: SignerPurpose;
  /** Responders follow each other with a day of overlap; claim authorities all start now. Default 1. */
  readonly count?: number;
  /** Directory to be made. */
  readonly out: string;
  /** When the first starts; default: now. */
  readonly from?: UnixSeconds;
}

const MAX_COUNT = 120;

/**
 * `out` is a new directory with a key and a certificate per signer, `001.key` and `001.pem` and so on; it appears whole or
 * not at all. @throws SignerError
 */
export function issueSigners(options: IssueOptions): IssuedSigners {
  const { role, count = 1, out } = options;
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) {
    throw new SignerError('signer-mismatch', `The count must be a number from 1 to ${MAX_COUNT}.`);
  }
  if (existsSync(out)) throw new SignerError('signer-mismatch', `${out} exists already: name a new directory.`);
  const anchor = readAnchor(options.anchorKey, options.anchor);
  const from = options.from ?? currentTime();
  const signers = seriesOf(role, anchor, count, from);
  const temporary = join(dirname(resolve(out)), `.${basename(out)}.${randomUUID()}`);
  try {
    writeSigners(temporary, signers, 1);
    renameSync(temporary, out);
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true });
    throw new SignerError('signer-unreadable', `${out} cannot be made: name a directory that can be written.`, {
      cause,
    });
  }
  syncDirectory(dirname(resolve(out)));
  return {
    signers: listSignerDirectory(out)
      .map((file) => issuedSigner(role, file))
      .sort(byStart),
  };
}

/** New signers of a role, each with a key of its own; responders one after the other with a day of overlap. */
export function seriesOf(
  role: SignerPurpose,
  anchor: KeyAndCertificate,
  count: number,
  from: UnixSeconds,
): readonly NewSigner[] {
  const service = serviceOf(anchor.certificate);
  const signers: NewSigner[] = [];
  let start = from;
  for (let index = 0; index < count; index++) {
    const signer = newServiceSigner(role, anchor, service, start);
    signers.push(signer);
    if (role === 'responder') start = (timeOf(signer.certificate.notAfter) - RESPONDER_OVERLAP_SECONDS) as UnixSeconds;
  }
  return signers;
}

/** The signers are in `directory` under three-digit numbers from `first` on. */
export function writeSigners(directory: string, signers: readonly NewSigner[], first: number): void {
  makePrivateDirectory(directory);
  for (const [index, signer] of signers.entries()) {
    writeSigner(directory, String(first + index).padStart(3, '0'), signer);
  }
}

/** What is told of a signer in a file. */
export function issuedSigner(role: SignerPurpose, { certificate, files }: SignerFile): IssuedSigner {
  return {
    role,
    file: files.certificate,
    from: formatTime(timeOf(certificate.notBefore)),
    until: formatTime(timeOf(certificate.notAfter)),
    fingerprint: fingerprintOf(certificate.der),
  };
}

/** For sorting: the one that starts first comes first. */
export function byStart(a: IssuedSigner, b: IssuedSigner): number {
  if (a.from === b.from) return a.file < b.file ? -1 : 1;
  return a.from < b.from ? -1 : 1;
}

const ANCHOR_FILE = 'service-anchor.pem';

/** The anchor with its key. @throws SignerError */
export function readAnchor(keyFile: string, certificateFile: string | undefined): KeyAndCertificate {
  const key = readKeyFile(keyFile);
  const beside = [join(dirname(keyFile), ANCHOR_FILE), join(dirname(keyFile), '..', ANCHOR_FILE)];
  const file =
    certificateFile ?? beside.find((candidate) => existsSync(candidate)) ?? join(dirname(keyFile), ANCHOR_FILE);
  const certificate = readCertificateFile(file).find((candidate) => belongsTo(key, candidate));
  if (certificate !== undefined) return { key, certificate };
  throw new SignerError(
    'signer-mismatch',
    `${file} is not the certificate of the key ${keyFile}: name the anchor's own.`,
  );
}

/** The machine's time. */
export function currentTime(): UnixSeconds {
  return unixSeconds(Math.floor(Date.now() / 1000));
}

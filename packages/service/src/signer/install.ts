// `windlass signer install`: what was issued or revoked offline is checked against this service's anchors and put where the service
// looks for it. All of it is checked before anything is copied.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '@windlass/x509';
import { fingerprintOf, isIssuedBy, isServiceSigner, timeOf } from '../certificates.ts';
import { belongsTo, readCertificateFile, readKeyFile, writeSigner } from './file.ts';
import { handOver } from './hand-over.ts';
import { type InstalledList, installRevocations } from './install-revocations.ts';
import { byStart, currentTime, type IssuedSigners, issuedSigner } from './issue.ts';
import {
  freeName,
  listSignerDirectory,
  readableSigners,
  revokedWarnings,
  type SignerFile,
  signerDirectories,
  signerDirectory,
  signerFile,
} from './key-directory.ts';
import { SignerError, type SignerPurpose } from './ports.ts';
import { makeSignerDirectory, readPrivateFile } from './private-file.ts';
import { openRevocations, type Revocations } from './revocations.ts';

/** What to install, and where. */
export interface InstallOptions {
  /**
   * The directory that `issueSigners` made, or the file that `revokeSigners` wrote; without either, what is installed already is
   * handed over when it is due.
   */
  readonly from?: string;
  /** The service's directory. */
  readonly dir: string;
}

/** What was installed, by when it starts, and what is left to do. */
export interface InstalledSigners extends IssuedSigners {
  /** The revocation lists of a file that was given. */
  readonly revocations: readonly InstalledList[];
  /** A sentence each. */
  readonly warnings: readonly string[];
}

const ROLES: readonly SignerPurpose[] = ['responder', 'claim-authority'];

/**
 * Every signer of the directory is among the service's, under the next free number; those that are there already stay as
 * they are. Or the revocation lists of the file are in force. The responders that are due are with the device side, or a warning
 * says why not. A running service finds what was installed when it needs it.
 * @throws SignerError when one of them is not this service's, has no key, a key that others can read, has ended or is revoked; when a
 * list is not this service's, or does not follow the one that is installed
 */
export function installSigners({ from, dir }: InstallOptions): InstalledSigners {
  const service = openService(dir);
  const isList = from !== undefined && statSync(from, { throwIfNoEntry: false })?.isFile() === true;
  const revocations = isList ? installRevocations({ from, ...service }) : [];
  const installed = from === undefined || isList ? [] : installFrom(from, service);
  const { keys } = service;
  const warnings = [...handOverNow(keys), ...warningsOf(service)];
  const places = new Map(
    ROLES.flatMap((role) => readableSigners(keys, role)).map((file) => [fingerprintOf(file.certificate.der), file]),
  );
  const signers = installed.map(({ file, role }) =>
    issuedSigner(role, places.get(fingerprintOf(file.certificate.der)) ?? file),
  );
  return { signers: signers.sort(byStart), revocations, warnings };
}

/** What is installed into. */
interface Service {
  readonly keys: string;
  readonly anchors: readonly Certificate[];
  /** D/revocations.pem. */
  readonly installed: string;
  readonly revocations: Revocations;
}

function openService(dir: string): Service {
  const serviceAnchors = readCertificateFile(join(dir, 'service-anchor.pem'));
  const installed = join(dir, 'revocations.pem');
  return {
    keys: join(dir, 'keys'),
    anchors: serviceAnchors,
    installed,
    revocations: openRevocations({ file: installed, serviceAnchors }),
  };
}

/** What an operator must know at once: a side of the service that has nobody left to sign. */
function warningsOf({ keys, revocations }: Service): readonly string[] {
  const problems = revocations.problems();
  if (problems.length > 0) return problems;
  const now = currentTime();
  return ROLES.flatMap((role) => revokedWarnings(readableSigners(keys, role), { role, revocations, now }));
}

function handOverNow(keys: string): readonly string[] {
  try {
    handOver(keys, currentTime());
    return [];
  } catch (cause) {
    if (cause instanceof SignerError) return [cause.message];
    throw cause;
  }
}

interface Checked {
  readonly file: SignerFile;
  readonly role: SignerPurpose;
}

function installFrom(from: string, service: Service): readonly Checked[] {
  if (!existsSync(from))
    throw new SignerError(
      'signer-missing',
      `There is no directory ${from}: name the one that "windlass signer issue" made, or the file of "windlass signer revoke".`,
    );
  const found = listSignerDirectory(from);
  if (found.length === 0)
    throw new SignerError(
      'signer-missing',
      `There is no certificate in ${from}: name the directory that "windlass signer issue" made.`,
    );
  const checked = found.map((file) => ({ file, role: roleOf(file, service) }));
  return checked.map(({ file, role }) => ({ role, file: copy(file, role, service.keys) }));
}

function roleOf({ certificate, files }: SignerFile, { anchors, revocations }: Service): SignerPurpose {
  const issuer = anchors.find((anchor) => isIssuedBy(certificate, anchor));
  if (issuer === undefined) {
    throw new SignerError(
      'signer-mismatch',
      `${files.certificate} was not issued by this service's anchor: install what was issued with its key.`,
    );
  }
  const role = ROLES.find((candidate) => isServiceSigner(certificate, candidate, issuer));
  if (role === undefined) {
    throw new SignerError(
      'signer-mismatch',
      `${files.certificate} is neither a responder's nor a claim authority's: make it with "windlass signer issue".`,
    );
  }
  if (timeOf(certificate.notAfter) * 1000 <= Date.now()) {
    throw new SignerError('signer-expired', `${files.certificate} has ended: issue a new one.`);
  }
  if (revocations.names([certificate]))
    throw new SignerError('signer-revoked', `${files.certificate} is on the revocation list: issue a new one.`); // spec S14
  if (!belongsTo(readKeyFile(files.key), certificate)) {
    throw new SignerError(
      'signer-mismatch',
      `The key ${files.key} is not that of the certificate beside it: issue both anew.`,
    );
  }
  return role;
}

function copy(file: SignerFile, role: SignerPurpose, keys: string): SignerFile {
  const present = readableSigners(keys, role);
  const fingerprint = fingerprintOf(file.certificate.der);
  const same = present.find(({ certificate }) => fingerprintOf(certificate.der) === fingerprint);
  if (same !== undefined) return same;
  const directory = signerDirectory(keys, role);
  makeSignerDirectory(directory);
  const name = freeName(signerDirectories(keys, role));
  const { certificate } = file;
  writeSigner(directory, name, { certificate, keyPem: readPrivateFile(file.files.key) });
  return signerFile(certificate, join(directory, `${name}.pem`));
}

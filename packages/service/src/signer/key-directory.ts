// The keys of the service in a directory (spec section 1; 0600 in 0700): responders/, claim-authority/ and
// publishers/ORGANIZATION/. One reader for both sides; the management side takes no key of a responder out of it.
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganizationId, UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { pemOf, timeOf } from '../certificates.ts';
import type { NewSigner } from './certify.ts';
import { loadFileSigner, readCertificateFile, readKeyFile } from './file.ts';
import { newPublisher, newPublisherAnchor } from './forms.ts';
import { type HostedPublisher, type ManagementKeys, type Signer, SignerError, type SignerPurpose } from './ports.ts';
import { makePrivateDirectory, syncDirectory, writePrivateFile } from './private-file.ts';

/** A publisher is renewed when it ends within this time, so that profiles of a year can be published. */
const RENEW_PUBLISHER_SECONDS = 400 * 86_400;
const DIRECTORY_OF: Readonly<Record<SignerPurpose, string>> = {
  responder: 'responders',
  'claim-authority': 'claim-authority',
};

/** One certificate file of a role, with where its key is; the key has not been read. */
export interface SignerFile {
  readonly certificate: Certificate;
  readonly files: { readonly certificate: string; readonly key: string };
}

/** Every certificate of a role under the directory of keys, in no order. @throws SignerError `signer-unreadable` */
export function listSigners(keys: string, role: SignerPurpose): readonly SignerFile[] {
  return listSignerDirectory(join(keys, DIRECTORY_OF[role]));
}

/** Every certificate in one directory of signers; none when it does not exist. @throws SignerError `signer-unreadable` */
export function listSignerDirectory(directory: string): readonly SignerFile[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => /^[^.].*\.pem$/.test(name));
  return names.flatMap((name) => {
    const certificate = join(directory, name);
    const [leaf] = readCertificateFile(certificate);
    return leaf === undefined
      ? []
      : [{ certificate: leaf, files: { certificate, key: certificate.replace(/pem$/, 'key') } }];
  });
}

/** The directory of a role's signers. */
export function signerDirectory(keys: string, role: SignerPurpose): string {
  return join(keys, DIRECTORY_OF[role]);
}

/** The management side's keys under `directory` (D/keys) for the service of that name. */
export function openManagementKeys(options: { readonly directory: string; readonly service: string }): ManagementKeys {
  const { directory, service } = options;
  return {
    claimAuthority: async (now) => newestValid(directory, 'claim-authority', now),
    publisher: async (organization, now) =>
      publisherOf(publisherDirectory(directory, organization), organization, service, now),
    createPublisher: async (organization, now) => createPublisher(directory, organization, service, now),
    lastEnd: async (role) => {
      const ends = listSigners(directory, role).map(({ certificate }) => timeOf(certificate.notAfter));
      return ends.length === 0 ? null : (Math.max(...ends) as UnixSeconds);
    },
  };
}

function newestValid(keys: string, role: SignerPurpose, now: UnixSeconds): Signer {
  const all = listSigners(keys, role);
  const valid = all.filter(
    ({ certificate }) => timeOf(certificate.notBefore) <= now && now < timeOf(certificate.notAfter),
  );
  const [newest] = [...valid].sort((a, b) => timeOf(b.certificate.notAfter) - timeOf(a.certificate.notAfter));
  if (newest !== undefined) return loadFileSigner(newest.files);
  throw new SignerError(
    all.length === 0 ? 'signer-missing' : 'signer-expired',
    `No ${role} certificate is valid now: make one with "windlass signer issue --role ${role}" and "windlass signer install".`,
  );
}

function publisherDirectory(keys: string, organization: OrganizationId): string {
  return join(keys, 'publishers', organization);
}

function createPublisher(
  keys: string,
  organization: OrganizationId,
  service: string,
  now: UnixSeconds,
): HostedPublisher {
  const anchor = newPublisherAnchor(organization, now);
  const publisher = newPublisher(organization, anchor, service, now);
  const target = publisherDirectory(keys, organization);
  const temporary = join(keys, 'publishers', `.${organization}.${process.pid}.new`);
  makePrivateDirectory(temporary);
  writeSigner(temporary, 'anchor', anchor);
  writeSigner(temporary, 'publisher', publisher);
  if (existsSync(target)) renameSync(target, join(keys, 'publishers', `.${organization}.${now}.set-aside`));
  renameSync(temporary, target);
  syncDirectory(join(keys, 'publishers'));
  return { anchor: anchor.certificate.der, expires: timeOf(publisher.certificate.notAfter) };
}

/** Key first: a certificate without its key is never found. */
function writeSigner(directory: string, name: string, { keyPem, certificate }: NewSigner): void {
  writePrivateFile(join(directory, `${name}.key`), keyPem);
  writePrivateFile(join(directory, `${name}.pem`), pemOf(certificate.der));
}

function publisherOf(directory: string, organization: OrganizationId, service: string, now: UnixSeconds): Signer {
  const files = (name: string) => ({
    certificate: join(directory, `${name}.pem`),
    key: join(directory, `${name}.key`),
  });
  if (!existsSync(directory)) {
    throw new SignerError('signer-missing', `The publisher of ${organization} is missing: put ${directory} back.`);
  }
  const [anchor] = readCertificateFile(files('anchor').certificate);
  if (anchor === undefined || timeOf(anchor.notAfter) <= now) {
    throw new SignerError('signer-expired', `The publisher anchor of ${organization} has ended: it needs a new one.`);
  }
  const current = loadFileSigner(files('publisher'));
  const wanted = Math.min(now + RENEW_PUBLISHER_SECONDS, timeOf(anchor.notAfter));
  if (current.chain.every(({ notAfter }) => timeOf(notAfter) >= wanted)) return current;
  // The same key, so that one file changes, at once.
  const issuer = { certificate: anchor, key: readKeyFile(files('anchor').key) };
  const renewed = newPublisher(organization, issuer, service, now, readKeyFile(files('publisher').key));
  writePrivateFile(files('publisher').certificate, pemOf(renewed.certificate.der));
  return loadFileSigner(files('publisher'));
}

// Publishers that the service hosts: an anchor and a publisher each, in publishers/ORGANIZATION/ the first, in publishers/ORGANIZATION~KEY/
// those that came later. Which of them an organization has says the database; keys that it does not name sign nothing.
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganizationId, UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { keyDigestOf, pemOf, timeOf } from '../certificates.ts';
import { loadFileSigner, readCertificateFile, readKeyFile, writeSigner } from './file.ts';
import { newPublisher, newPublisherAnchor } from './forms.ts';
import { type HostedAnchor, type HostedPublisher, type ManagementKeys, type Signer, SignerError } from './ports.ts';
import { makePrivateDirectory, syncDirectory, writePrivateFile } from './private-file.ts';

/** A publisher is renewed when it ends within this time, so that profiles of a year can be published. */
const RENEW_PUBLISHER_SECONDS = 400 * 86_400;
/** Of the key in the name of a directory, in hexadecimal; no organization's name has a "~". */
const KEY_DIGITS = 16;

/** The publishers below the directory of keys. They have anchors of their own: no list of a service anchor is about them. */
export function openPublishers(
  keys: string,
  service: string,
): Pick<ManagementKeys, 'publisher' | 'hasPublisher' | 'createPublisher' | 'addPublisher'> {
  const publishers = join(keys, 'publishers');
  return {
    publisher: async (anchor, now) => publisherOf(theDirectory(publishers, anchor), anchor, service, now),
    hasPublisher: (anchor) => findDirectory(publishers, anchor) !== null,
    createPublisher: async (organization, now) => {
      const target = join(publishers, organization);
      const aside = join(publishers, `.${organization}.${now}.set-aside`);
      return storePublisher({ publishers, organization, service, now }, (temporary) => {
        if (existsSync(target)) renameSync(target, aside);
        renameSync(temporary, target);
      });
    },
    addPublisher: async (organization, now) =>
      storePublisher({ publishers, organization, service, now }, (temporary, anchor) => {
        const digits = Buffer.from(keyDigestOf(anchor), 'base64').toString('hex').slice(0, KEY_DIGITS);
        renameSync(temporary, join(publishers, `${organization}~${digits}`));
      }),
  };
}

/** Where new keys are made, for whom. */
interface NewKeys {
  readonly publishers: string;
  readonly organization: OrganizationId;
  readonly service: string;
  readonly now: UnixSeconds;
}

/** New keys lie whole in a directory of their own before `place` gives it its name. */
function storePublisher(
  { publishers, organization, service, now }: NewKeys,
  place: (temporary: string, anchor: Certificate) => void,
): HostedPublisher {
  const anchor = newPublisherAnchor(organization, now);
  const publisher = newPublisher(organization, anchor, service, now);
  const temporary = join(publishers, `.${organization}.${process.pid}.new`);
  makePrivateDirectory(temporary);
  writeSigner(temporary, 'anchor', anchor);
  writeSigner(temporary, 'publisher', publisher);
  place(temporary, anchor.certificate);
  syncDirectory(publishers);
  return { anchor: anchor.certificate.der, expires: timeOf(publisher.certificate.notAfter) };
}

/** The directory whose anchor has the key. @throws SignerError `signer-missing` */
function theDirectory(publishers: string, anchor: HostedAnchor): string {
  const found = findDirectory(publishers, anchor);
  if (found !== null) return found;
  const { organization } = anchor;
  const place = join(publishers, organization);
  throw new SignerError(
    'signer-missing',
    `The publisher of ${organization} is missing on this instance: put ${place} back, or mount the same keys/publishers on all instances.`,
  );
}

function findDirectory(publishers: string, { organization, keyDigest }: HostedAnchor): string | null {
  const names = existsSync(publishers) ? readdirSync(publishers) : [];
  const candidates = names.filter((name) => name === organization || name.startsWith(`${organization}~`));
  const found = candidates
    .map((name) => join(publishers, name))
    .find((directory) => {
      const file = filesOf(directory, 'anchor').certificate;
      return existsSync(file) && readCertificateFile(file).some((anchor) => keyDigestOf(anchor) === keyDigest);
    });
  return found ?? null;
}

function filesOf(directory: string, name: string): { readonly certificate: string; readonly key: string } {
  return { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
}

function publisherOf(directory: string, { organization }: HostedAnchor, service: string, now: UnixSeconds): Signer {
  const [anchor] = readCertificateFile(filesOf(directory, 'anchor').certificate);
  if (anchor === undefined || timeOf(anchor.notAfter) <= now) {
    throw new SignerError(
      'signer-expired',
      `The publisher anchor of ${organization} has ended: add another with "windlass publisher add".`,
    );
  }
  const files = filesOf(directory, 'publisher');
  const current = loadFileSigner(files);
  const wanted = Math.min(now + RENEW_PUBLISHER_SECONDS, timeOf(anchor.notAfter));
  if (current.chain.every(({ notAfter }) => timeOf(notAfter) >= wanted)) return current;
  // The same key, so that one file changes, at once.
  const issuer = { certificate: anchor, key: readKeyFile(filesOf(directory, 'anchor').key) };
  const renewed = newPublisher(organization, issuer, service, now, readKeyFile(files.key));
  writePrivateFile(files.certificate, pemOf(renewed.certificate.der));
  return loadFileSigner(files);
}

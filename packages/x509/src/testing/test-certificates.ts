// A small PKI for tests: real keys, real signatures, every field to be overridden. Not exported, not published.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Certificate, parseCertificate } from '../certificate.ts';
import { type Crl, parseCrl } from '../crl.ts';
import { keyIdentifierOf } from '../extension-encoding.ts';
import { type CertificateFields, type CrlFields, prepareCertificate, prepareCrl } from '../issue.ts';
import { parsePublicKey } from '../public-key.ts';

/** 2026-01-01T00:00:00Z: the time of these tests. */
export const NOW = 1_767_225_600;
const DAY = 86_400;

/** A certificate with its key. */
export interface TestEntity {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** What differs from the usual certificate of its kind; `extensions` are merged one by one. */
export interface TestFields extends Partial<Omit<CertificateFields, 'issuer' | 'publicKey'>> {
  readonly keyPair?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** Signs with this key whatever the issuer's is. */
  readonly signingKey?: KeyObject;
}

/** A fresh P-256 pair. */
export function p256(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A CA below the issuer, or self-signed without one. */
export function makeCa(name: string, fields: TestFields = {}, issuer?: TestEntity): TestEntity {
  return make(
    {
      subject: [{ type: 'CN', value: name }],
      ...fields,
      extensions: { basicConstraints: { ca: true }, keyUsage: ['keyCertSign', 'cRLSign'], ...fields.extensions },
    },
    issuer,
  );
}

/** A leaf for `device.example.com` and TLS servers. */
export function makeLeaf(issuer: TestEntity, fields: TestFields = {}): TestEntity {
  const usual = {
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
    subjectAltName: [{ kind: 'dns', value: 'device.example.com' }],
  } as const;
  return make({ ...fields, extensions: { ...usual, ...fields.extensions } }, issuer);
}

/** A list of the CA, current for a day around NOW. */
export function makeCrl(issuer: TestEntity, fields: Partial<CrlFields> = {}, key = issuer.key): Crl {
  const { toBeSigned, finish } = prepareCrl({
    issuer: issuer.certificate.subject,
    thisUpdate: NOW - DAY,
    nextUpdate: NOW + DAY,
    number: 1,
    authorityKeyIdentifier: keyIdentifierOf(issuer.certificate.publicKey),
    signatureAlgorithm: 'ecdsa-sha256',
    revoked: [],
    ...fields,
  });
  return parseCrl(finish(sign('sha256', toBeSigned, key)));
}

function make({ keyPair = p256(), signingKey, ...fields }: TestFields, issuer: TestEntity | undefined): TestEntity {
  const publicKey = new Uint8Array(keyPair.publicKey.export({ format: 'der', type: 'spki' }));
  const subject = fields.subject ?? [{ type: 'CN', value: 'leaf' }];
  const issuerKey = issuer?.certificate.publicKey ?? parsePublicKey(publicKey);
  const { toBeSigned, finish } = prepareCertificate({
    serialNumber: Uint8Array.of(1, 2, 3, 4),
    notBefore: NOW - DAY,
    notAfter: NOW + DAY,
    signatureAlgorithm: 'ecdsa-sha256',
    ...fields,
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    publicKey,
    extensions: {
      subjectKeyIdentifier: 'from-key',
      authorityKeyIdentifier: keyIdentifierOf(issuerKey),
      ...fields.extensions,
    },
  });
  const algorithm = fields.signatureAlgorithm ?? 'ecdsa-sha256';
  const digest = algorithm === 'ed25519' ? null : (algorithm.split('-').at(-1) ?? null);
  const signature = sign(digest, toBeSigned, signingKey ?? issuer?.key ?? keyPair.privateKey);
  return { certificate: parseCertificate(finish(signature)), key: keyPair.privateKey };
}

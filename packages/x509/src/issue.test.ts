import { sign, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { derTypes as der } from './der-types.ts';
import { type CertificateFields, encodeName, prepareCertificate, prepareCrl } from './issue.ts';
import { makeCa, makeLeaf, NOW, p256 } from './testing/test-certificates.ts';

const isRefused = expect.objectContaining({ name: 'X509Error' });
const pair = p256();
const fields: CertificateFields = {
  subject: [{ type: 'CN', value: 'Zürich' }],
  issuer: [{ type: 'C', value: 'CH' }],
  publicKey: new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })),
  serialNumber: Uint8Array.of(0, 0x80, 1),
  notBefore: NOW,
  notAfter: Date.parse('2050-01-01') / 1000,
  signatureAlgorithm: 'ecdsa-sha256',
  extensions: {},
};

test('OpenSSL reads what is written, and verifies it', () => {
  const root = makeCa('root', {
    extensions: {
      nameConstraints: {
        permitted: [
          { kind: 'dns', value: 'example.com' },
          { kind: 'ip', value: '10.0.0.0/8' },
        ],
      },
    },
  });
  const leaf = makeLeaf(root, {
    subject: [
      { type: 'O', value: 'Übung, "1"' },
      { type: 'serialNumber', value: 'A-1' },
    ],
    serialNumber: Uint8Array.of(0x80, 1),
    extensions: {
      subjectAltName: [
        { kind: 'dns', value: 'a.example.com' },
        { kind: 'ip', value: '10.0.0.1' },
        { kind: 'uri', value: 'windlass://x/y' },
        { kind: 'email', value: 'a@b.test' },
      ],
    },
  });
  const [read, issuer] = [leaf, root].map(({ certificate }) => new X509Certificate(certificate.der));
  expect(read?.verify(root.certificate.publicKey.keyObject())).toBe(true);
  expect(issuer !== undefined && read?.checkIssued(issuer)).toBe(true);
  expect(read?.subject).toBe('O=Übung\\, \\"1\\"\nserialNumber=A-1');
  expect(read?.serialNumber).toBe('8001');
  expect(read?.subjectAltName).toBe('DNS:a.example.com, IP Address:10.0.0.1, URI:windlass://x/y, email:a@b.test');
  expect(issuer?.ca).toBe(true);
  expect(Date.parse(read?.validFrom ?? '')).toBe((NOW - 86_400) * 1000);
});

test('signing is a step of its own', () => {
  const { toBeSigned, finish } = prepareCertificate(fields);
  const read = new X509Certificate(finish(sign('sha256', toBeSigned, pair.privateKey)));
  expect(read.verify(pair.publicKey)).toBe(true);
  expect(new Date(read.validTo).toISOString()).toBe('2050-01-01T00:00:00.000Z');
});

test.each<[string, Partial<CertificateFields>]>([
  ['a serial number of zero', { serialNumber: new Uint8Array(4) }],
  ['an empty serial number', { serialNumber: new Uint8Array() }],
  ['a serial number of 21 octets with its sign', { serialNumber: new Uint8Array(20).fill(0xff) }],
  ['a key that is none', { publicKey: Uint8Array.of(5, 0) }],
  ['a type of attribute that is none', { subject: [{ type: 'XX', value: 'a' }] }],
  ['a country that is no PrintableString', { subject: [{ type: 'C', value: 'Ü' }] }],
  ['an e-mail address beyond ASCII', { subject: [{ type: 'emailAddress', value: 'ü@a.test' }] }],
  ['a DNS name beyond ASCII', { extensions: { subjectAltName: [{ kind: 'dns', value: 'ü.test' }] } }],
  ['an address that is none', { extensions: { subjectAltName: [{ kind: 'ip', value: '10.0.0.0/8' }] } }],
  ['a time beyond 9999', { notAfter: 253_402_300_800 }],
])('%s is refused', (_, changes) => expect(() => prepareCertificate({ ...fields, ...changes })).toThrow(isRefused));

test('a parsed name is written as it was', () => {
  const { subject } = makeCa('As It Was').certificate;
  expect(encodeName(subject)).toEqual(subject.der);
});

test('an empty list of revoked certificates is left out', () => {
  const list = (revoked: { serialNumber: Uint8Array; time: number }[]) =>
    prepareCrl({
      issuer: fields.issuer,
      thisUpdate: NOW,
      nextUpdate: NOW + 1,
      number: 1,
      authorityKeyIdentifier: Uint8Array.of(1),
      signatureAlgorithm: 'ed25519',
      revoked,
    }).toBeSigned;
  expect(list([{ serialNumber: Uint8Array.of(1), time: NOW }]).length - list([]).length).toBe(
    der.sequence(der.sequence(der.integer(1), der.time(NOW))).length,
  );
});

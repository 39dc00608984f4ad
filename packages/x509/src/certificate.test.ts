import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certificateDigest, parseCertificate } from './certificate.ts';
import { readDer, readDerChildren } from './der.ts';
import { derTypes as der } from './der-types.ts';
import { parsePublicKey } from './public-key.ts';
import { makeCa, makeLeaf, NOW } from './testing/test-certificates.ts';

const isCode = (code: string) => expect.objectContaining({ name: 'X509Error', code });
const root = makeCa('root');
const leaf = makeLeaf(root).certificate;

/** The leaf with its to-be-signed fields replaced; nobody signs it anew, parsing does not ask. */
function rewrite(change: (fields: Uint8Array[]) => Uint8Array[]): Uint8Array {
  const [tbs, algorithm, signature] = readDerChildren(readDer(leaf.der));
  const fields = readDerChildren(tbs ?? leaf.der).map(({ raw }) => raw);
  return der.sequence(der.sequence(...change(fields)), algorithm?.raw ?? leaf.der, signature?.raw ?? leaf.der);
}

const withExtensions = (...extensions: Uint8Array[]) =>
  rewrite((fields) => [...fields.slice(0, -1), der.context(3, der.sequence(...extensions))]);
const extension = (oid: string, value: Uint8Array, ...flags: Uint8Array[]) =>
  der.sequence(der.oid(oid), ...flags, der.octetString(value));

test('every value of a certificate', () => {
  expect(leaf).toMatchObject({
    version: 3,
    notBefore: NOW - 86_400,
    notAfter: NOW + 86_400,
    signatureAlgorithm: 'ecdsa-sha256',
  });
  expect(leaf.publicKey).toMatchObject({ type: 'ec-p256', bits: 256 });
  expect(leaf.extensions).toMatchObject({
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
    subjectAltName: [{ kind: 'dns', value: 'device.example.com' }],
    critical: ['2.5.29.15'],
    unknownCritical: [],
  });
  expect(certificateDigest(leaf)).toHaveLength(32);
});

test('the bytes are copied: changing them later changes nothing', () => {
  const bytes = Uint8Array.from(leaf.der);
  const parsed = parseCertificate(bytes);
  bytes.fill(0);
  expect(parsed.der).toEqual(leaf.der);
});

test.each([
  ['rsa', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), { type: 'rsa', bits: 2048 }],
  ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), { type: 'ec-p384', bits: 384 }],
  ['P-521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' }), { type: 'ec-p521', bits: 521 }],
  ['Ed25519', () => generateKeyPairSync('ed25519'), { type: 'ed25519', bits: 256 }],
  ['RSA-PSS', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }), { type: 'rsa-pss', bits: 2048 }],
  ['X25519', () => generateKeyPairSync('x25519'), { type: 'other', bits: 0 }],
  ['secp256k1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), { type: 'other', bits: 0 }],
])('a key of kind %s', (_, keyPair, expected) => {
  expect(makeLeaf(root, { keyPair: keyPair() }).certificate.publicKey).toMatchObject(expected);
});

describe('refused', () => {
  const context = (tag: number, ...bytes: number[]) => der.element(tag, Uint8Array.from(bytes));
  test('a byte after it', () => {
    expect(() => parseCertificate(Uint8Array.of(...leaf.der, 0))).toThrow(isCode('der'));
  });
  test('more than 256 KiB', () => {
    expect(() => parseCertificate(der.octetString(new Uint8Array(256 * 1024)))).toThrow(isCode('certificate'));
  });
  test('a signature or a key that does not end on a whole byte', () => {
    const [tbs, algorithm] = readDerChildren(readDer(leaf.der));
    const uneven = der.bitString(Uint8Array.of(0xfe), 1);
    const bytes = der.sequence(tbs?.raw ?? leaf.der, algorithm?.raw ?? leaf.der, uneven);
    expect(() => parseCertificate(bytes)).toThrow(isCode('certificate'));
    const key = der.sequence(der.sequence(der.oid('1.2.3')), uneven);
    expect(() => parsePublicKey(key)).toThrow(isCode('certificate'));
  });
  test('every prefix of it', () => {
    for (let length = 0; length < leaf.der.length; length++) {
      expect(() => parseCertificate(leaf.der.subarray(0, length))).toThrow(isCode('der'));
    }
  });
  test('another algorithm inside than outside', () => {
    const bytes = rewrite((fields) =>
      fields.map((field, i) => (i === 2 ? der.sequence(der.oid('1.3.101.112')) : field)),
    );
    expect(() => parseCertificate(bytes)).toThrow(isCode('certificate'));
  });
  test.each([
    ['version 1 spelled out', der.integer(0)],
    ['version 4', der.integer(3)],
  ])('%s', (_, version) => {
    const bytes = rewrite((fields) => [der.context(0, version), ...fields.slice(1)]);
    expect(() => parseCertificate(bytes)).toThrow(isCode('certificate'));
  });
  test('extensions in version 1', () => {
    expect(() => parseCertificate(rewrite((fields) => fields.slice(1)))).toThrow(isCode('certificate'));
  });
  test('a unique identifier in version 1', () => {
    const first = (...more: Uint8Array[]) => rewrite((fields) => [...fields.slice(1, -1), ...more]);
    expect(parseCertificate(first()).version).toBe(1);
    expect(() => parseCertificate(first(context(0x81, 0, 1)))).toThrow(isCode('certificate'));
  });
  test('an element too many', () => {
    expect(() => parseCertificate(rewrite((fields) => [...fields, der.null_()]))).toThrow(isCode('der'));
  });
  test('one extension twice', () => {
    const one = extension('1.2.3', der.null_());
    expect(() => parseCertificate(withExtensions(one, one))).toThrow(isCode('certificate'));
  });
  test('an empty list of extensions', () => {
    expect(() => parseCertificate(withExtensions())).toThrow(isCode('certificate'));
  });
  test('critical FALSE spelled out', () => {
    expect(() => parseCertificate(withExtensions(extension('1.2.3', der.null_(), der.boolean(false))))).toThrow(
      isCode('der'),
    );
  });
  test.each([
    ['a key usage without bits', '2.5.29.15', der.bitString(Uint8Array.of(0), 7)],
    ['a key usage with trailing zero bits', '2.5.29.15', der.bitString(Uint8Array.of(0x80), 0)],
    ['a key usage of three octets', '2.5.29.15', der.bitString(Uint8Array.of(0x80, 0x80, 0x80), 7)],
    ['no purposes', '2.5.29.37', der.sequence()],
    ['no alternative names', '2.5.29.17', der.sequence()],
    ['an address of five bytes', '2.5.29.17', der.sequence(context(0x87, 1, 2, 3, 4, 5))],
    ['a DNS name beyond ASCII', '2.5.29.17', der.sequence(context(0x82, 0xc3, 0xa4))],
    ['an alternative name whose inside is broken', '2.5.29.17', der.sequence(context(0xa0, 4))],
    ['an alternative name of unknown form', '2.5.29.17', der.sequence(context(0x89, 1))],
    ['empty name constraints', '2.5.29.30', der.sequence()],
    ['empty subtrees', '2.5.29.30', der.sequence(context(0xa0))],
    [
      'a subtree with a distance',
      '2.5.29.30',
      der.sequence(der.context(0, der.sequence(context(0x82, 0x61), context(0x80, 1)))),
    ],
    ['a negative path length', '2.5.29.19', der.sequence(der.boolean(true), der.integer(-1))],
    ['empty policy constraints', '2.5.29.36', der.sequence()],
    [
      'an information access without location',
      '1.3.6.1.5.5.7.1.1',
      der.sequence(der.sequence(der.oid('1.3.6.1.5.5.7.48.1'))),
    ],
  ])('%s', (_, oid, value) => {
    expect(() => parseCertificate(withExtensions(extension(oid, value)))).toThrow(
      expect.objectContaining({ name: 'X509Error' }),
    );
  });
});

test('a critical extension that is unknown, or must not be critical, is listed', () => {
  const isTrue = der.boolean(true);
  const bytes = withExtensions(
    extension('1.2.3', der.null_(), isTrue),
    extension('2.5.29.14', der.octetString(Uint8Array.of(1)), isTrue),
    extension('2.5.29.19', der.sequence(), isTrue),
  );
  expect(parseCertificate(bytes).extensions.unknownCritical).toEqual(['1.2.3', '2.5.29.14']);
});

test('CA FALSE spelled out is let pass', () => {
  const { basicConstraints } = parseCertificate(
    withExtensions(extension('2.5.29.19', der.sequence(der.boolean(false)))),
  ).extensions;
  expect(basicConstraints).toEqual({ ca: false });
});

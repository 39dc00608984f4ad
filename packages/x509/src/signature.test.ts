import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseSignatureAlgorithm, type SignatureAlgorithm } from './algorithm.ts';
import { encodeSignatureAlgorithm } from './algorithm-encoding.ts';
import type { Certificate } from './certificate.ts';
import { readDer } from './der.ts';
import { derTypes as der } from './der-types.ts';
import { parsePublicKey } from './public-key.ts';
import { isSignedBy, verifySignature } from './signature.ts';
import { makeCa, makeLeaf } from './testing/test-certificates.ts';

const data = new TextEncoder().encode('signed');
const { RSA_PKCS1_PSS_PADDING: padding } = constants;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const k256 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const ed25519 = generateKeyPairSync('ed25519');
const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });

type Pair = { publicKey: KeyObject; privateKey: KeyObject };
const spki = ({ publicKey }: Pair) => parsePublicKey(new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })));
const verifies = (algorithm: SignatureAlgorithm, pair: Pair, signature: Uint8Array, message = data) =>
  verifySignature({ algorithm, publicKey: spki(pair), data: message, signature });

test.each<[SignatureAlgorithm, Pair, () => Uint8Array]>([
  ['ecdsa-sha256', p256, () => sign('sha256', data, p256.privateKey)],
  ['ecdsa-sha512', p256, () => sign('sha512', data, p256.privateKey)],
  ['ecdsa-sha384', p384, () => sign('sha384', data, p384.privateKey)],
  ['ed25519', ed25519, () => sign(null, data, ed25519.privateKey)],
  ['rsa-sha256', rsa, () => sign('sha256', data, rsa.privateKey)],
  ['rsa-sha512', rsa, () => sign('sha512', data, rsa.privateKey)],
  ['rsa-pss-sha256', rsa, () => sign('sha256', data, { key: rsa.privateKey, padding, saltLength: 32 })],
  ['rsa-pss-sha384', pss, () => sign('sha384', data, { key: pss.privateKey, padding, saltLength: 48 })],
])('%s: the right signature, no other data, no other bit', (algorithm, pair, make) => {
  const signature = new Uint8Array(make());
  expect(verifies(algorithm, pair, signature)).toBe(true);
  expect(verifies(algorithm, pair, signature, new Uint8Array(6))).toBe(false);
  const last = signature.length - 1;
  expect(verifies(algorithm, pair, signature.with(last, (signature[last] ?? 0) ^ 1))).toBe(false);
  expect(verifies(algorithm, pair, signature.subarray(0, last))).toBe(false);
  expect(verifies(algorithm, pair, new Uint8Array())).toBe(false);
});

describe('refused though the signature is right', () => {
  test.each<[string, SignatureAlgorithm, Pair, () => Uint8Array]>([
    ['RSA of 1024 bits', 'rsa-sha256', weakRsa, () => sign('sha256', data, weakRsa.privateKey)],
    ['a curve off the list', 'ecdsa-sha256', k256, () => sign('sha256', data, k256.privateKey)],
    ['an algorithm off the list', 'unsupported', rsa, () => sign('sha1', data, rsa.privateKey)],
    [
      'PSS with a short salt',
      'rsa-pss-sha256',
      rsa,
      () => sign('sha256', data, { key: rsa.privateKey, padding, saltLength: 0 }),
    ],
    [
      'PSS where PKCS#1 is named',
      'rsa-sha256',
      rsa,
      () => sign('sha256', data, { key: rsa.privateKey, padding, saltLength: 32 }),
    ],
    [
      'PKCS#1 with a key for PSS only',
      'rsa-sha256',
      pss,
      () => sign('sha256', data, { key: pss.privateKey, padding, saltLength: 32 }),
    ],
    ['ECDSA named, Ed25519 used', 'ecdsa-sha256', ed25519, () => sign(null, data, ed25519.privateKey)],
    [
      'ECDSA as two bare numbers',
      'ecdsa-sha256',
      p256,
      () => sign('sha256', data, { key: p256.privateKey, dsaEncoding: 'ieee-p1363' }),
    ],
  ])('%s', (_, algorithm, pair, make) => expect(verifies(algorithm, pair, new Uint8Array(make()))).toBe(false));

  test('a point that is not on its curve is an error of nobody', () => {
    const key = spki(p256);
    const off = parsePublicKey(key.der.with(key.der.length - 1, (key.der.at(-1) ?? 0) ^ 1));
    expect(
      verifySignature({
        algorithm: 'ecdsa-sha256',
        publicKey: off,
        data,
        signature: sign('sha256', data, p256.privateKey),
      }),
    ).toBe(false);
    expect(() => off.keyObject()).toThrow(expect.objectContaining({ name: 'X509Error', code: 'weak-key' }));
  });
});

test('keys with an exponent that is even, one, or nine bytes long are weak', () => {
  const modulus = new Uint8Array(256).fill(0xff);
  const key = (exponent: number | bigint) =>
    parsePublicKey(
      der.sequence(
        der.sequence(der.oid('1.2.840.113549.1.1.1'), der.null_()),
        der.bitString(der.sequence(der.integer(modulus), der.integer(exponent))),
      ),
    );
  expect([3, 65_537, 1, 4, 2n ** 64n + 1n, -3].map((exponent) => key(exponent).bits)).toEqual([2048, 2048, 0, 0, 0, 0]);
});

test('isSignedBy looks at keys, not at names', () => {
  const root = makeCa('root');
  const leaf = makeLeaf(root).certificate;
  expect(isSignedBy(leaf, root.certificate.publicKey)).toBe(true);
  const renamed: Certificate = { ...leaf, issuer: leaf.subject };
  expect(isSignedBy(renamed, root.certificate.publicKey)).toBe(true);
  expect(isSignedBy(leaf, makeCa('root').certificate.publicKey)).toBe(false);
});

describe('algorithm identifiers', () => {
  const algorithms = [
    'ecdsa-sha256',
    'ecdsa-sha384',
    'ecdsa-sha512',
    'ed25519',
    'rsa-sha256',
    'rsa-sha384',
    'rsa-sha512',
    'rsa-pss-sha256',
    'rsa-pss-sha384',
    'rsa-pss-sha512',
  ] as const;
  test.each(algorithms)('%s survives the round trip', (algorithm) => {
    expect(parseSignatureAlgorithm(readDer(encodeSignatureAlgorithm(algorithm)))).toBe(algorithm);
  });
  const sha = (bits: string) => der.sequence(der.oid(`2.16.840.1.101.3.4.2.${bits}`));
  const mgf = (digest: Uint8Array) => der.sequence(der.oid('1.2.840.113549.1.1.8'), digest);
  const pssOf = (...parts: Uint8Array[]) => der.sequence(der.oid('1.2.840.113549.1.1.10'), der.sequence(...parts));
  test.each([
    ['SHA-1 with RSA', der.sequence(der.oid('1.2.840.113549.1.1.5'), der.null_())],
    ['ECDSA with SHA-1', der.sequence(der.oid('1.2.840.10045.4.1'))],
    ['ECDSA with a NULL', der.sequence(der.oid('1.2.840.10045.4.3.2'), der.null_())],
    ['Ed25519 with a NULL', der.sequence(der.oid('1.3.101.112'), der.null_())],
    ['RSA with other parameters', der.sequence(der.oid('1.2.840.113549.1.1.11'), der.sequence())],
    ['PSS without parameters', der.sequence(der.oid('1.2.840.113549.1.1.10'))],
    ['PSS with defaults (SHA-1)', pssOf()],
    [
      'PSS with another digest in MGF1',
      pssOf(der.context(0, sha('1')), der.context(1, mgf(sha('2'))), der.context(2, der.integer(32))),
    ],
    [
      'PSS with another generator than MGF1',
      pssOf(
        der.context(0, sha('1')),
        der.context(1, der.sequence(der.oid('1.2.3'), sha('1'))),
        der.context(2, der.integer(32)),
      ),
    ],
    [
      'PSS with another salt length',
      pssOf(der.context(0, sha('1')), der.context(1, mgf(sha('1'))), der.context(2, der.integer(20))),
    ],
  ])('%s is unsupported', (_, bytes) => expect(parseSignatureAlgorithm(readDer(bytes))).toBe('unsupported'));
});

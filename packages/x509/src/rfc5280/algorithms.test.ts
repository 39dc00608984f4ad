// RFC 5280 §4.1.1.2 and §4.1.2.7 with RFC 3279, 4055, 5480, 5758 and 8410: algorithms of signatures and of keys, in paths.

import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import { type Alteration, altered, bareAnchor, type Case, type Chain, verdicts } from '../testing/examination.ts';
import { makeCa, makeLeaf, type TestEntity } from '../testing/test-certificates.ts';

type Pair = { publicKey: KeyObject; privateKey: KeyObject };
type Signer = NonNullable<Alteration['signer']>;

const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const p256Pair = ec('P-256');
const p384Pair = ec('P-384');
const p521Pair = ec('P-521');
const edPair = generateKeyPairSync('ed25519');
const root = makeCa('root');

/** Each place a signature of this kind can be in: made by an intermediate, or by a root. */
function signedBy(pair: Pair, algorithm: Uint8Array, signer: Signer): () => Chain {
  const ca = makeCa('ca', { keyPair: pair }, root);
  return () => ({ end: altered(dummyLeaf(ca), ca, { algorithm, signer }), anchors: [root], intermediates: [ca] });
}

/** A leaf of this issuer whose signature is to be made anew. */
function dummyLeaf({ certificate }: TestEntity): TestEntity {
  return makeLeaf({ certificate, key: p256Pair.privateKey });
}

const oid = (dotted: string, ...parameters: Uint8Array[]) => der.sequence(der.oid(dotted), ...parameters);
const ecdsa = (arc: number, ...parameters: Uint8Array[]) => oid(`1.2.840.10045.4.3.${arc}`, ...parameters);
const pkcs1 = (arc: number, ...parameters: Uint8Array[]) => oid(`1.2.840.113549.1.1.${arc}`, ...parameters);
const by =
  (digest: string | null, { privateKey }: Pair, more = {}): Signer =>
  (tbs) =>
    sign(digest, tbs, { key: privateKey, ...more });
const pssBy = (digest: string, pair: Pair, saltLength: number) =>
  by(digest, pair, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });

const NULL = der.null_();
const sha = (arc: number, ...parameters: Uint8Array[]) => oid(`2.16.840.1.101.3.4.2.${arc}`, ...parameters);
const mgf = (hash: Uint8Array) => oid('1.2.840.113549.1.1.8', hash);
const pss = (hash: Uint8Array, mask: Uint8Array, salt: number, ...more: Uint8Array[]) =>
  pkcs1(10, der.sequence(der.context(0, hash), der.context(1, mgf(mask)), der.context(2, der.integer(salt)), ...more));

describe('signature algorithms', () => {
  const pssPair = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
  const narrow = generateKeyPairSync('rsa-pss', {
    modulusLength: 2048,
    hashAlgorithm: 'sha512',
    mgf1HashAlgorithm: 'sha512',
  });
  const s256 = sha(1, NULL);
  test.each<Case>([
    ['RFC 5758 §3.2 ECDSA P-256 with SHA-256', signedBy(p256Pair, ecdsa(2), by('sha256', p256Pair)), 'accepted'],
    ['RFC 5758 §3.2 ECDSA P-384 with SHA-256', signedBy(p384Pair, ecdsa(2), by('sha256', p384Pair)), 'accepted'],
    ['RFC 5758 §3.2 ECDSA P-521 with SHA-512', signedBy(p521Pair, ecdsa(4), by('sha512', p521Pair)), 'accepted'],
    [
      'RFC 5758 §3.2 ECDSA: parameters must be absent',
      signedBy(p256Pair, ecdsa(2, NULL), by('sha256', p256Pair)),
      'algorithm',
    ],
    [
      'RFC 5758 §3.2 ECDSA with SHA-224 is off the list',
      signedBy(p256Pair, ecdsa(1), by('sha224', p256Pair)),
      'algorithm',
    ],
    [
      'RFC 5480 ECDSA with SHA-1 is off the list',
      signedBy(p256Pair, oid('1.2.840.10045.4.1'), by('sha1', p256Pair)),
      'algorithm',
    ],
    ['RFC 5758 §3.2 another digest than is named', signedBy(p256Pair, ecdsa(3), by('sha256', p256Pair)), 'signature'],
    ['RFC 4055 §5 RSA with SHA-256 and NULL', signedBy(rsaPair, pkcs1(11, NULL), by('sha256', rsaPair)), 'accepted'],
    ['RFC 4055 §5 RSA with SHA-384', signedBy(rsaPair, pkcs1(12, NULL), by('sha384', rsaPair)), 'accepted'],
    ['RFC 4055 §5 RSA with SHA-512', signedBy(rsaPair, pkcs1(13, NULL), by('sha512', rsaPair)), 'accepted'],
    ['RFC 4055 §5 RSA without NULL must be taken too', signedBy(rsaPair, pkcs1(11), by('sha256', rsaPair)), 'accepted'],
    [
      'RFC 4055 §5 RSA with another parameter',
      signedBy(rsaPair, pkcs1(11, der.integer(1)), by('sha256', rsaPair)),
      'algorithm',
    ],
    [
      'RFC 4055 §5 RSA with SHA-224 is off the list',
      signedBy(rsaPair, pkcs1(14, NULL), by('sha224', rsaPair)),
      'algorithm',
    ],
    [
      'RFC 3279 §2.2.1 RSA with SHA-1 is off the list',
      signedBy(rsaPair, pkcs1(5, NULL), by('sha1', rsaPair)),
      'algorithm',
    ],
    [
      'RFC 3279 §2.2.1 RSA with MD5 is off the list',
      signedBy(rsaPair, pkcs1(4, NULL), by('md5', rsaPair)),
      'algorithm',
    ],
    [
      'RFC 4055 §3.1 PSS, digests with NULL',
      signedBy(rsaPair, pss(s256, s256, 32), pssBy('sha256', rsaPair, 32)),
      'accepted',
    ],
    [
      'RFC 4055 §2.1 PSS, digests without NULL',
      signedBy(rsaPair, pss(sha(1), sha(1), 32), pssBy('sha256', rsaPair, 32)),
      'accepted',
    ],
    [
      'RFC 4055 §2.1 PSS, one digest with NULL',
      signedBy(rsaPair, pss(s256, sha(1), 32), pssBy('sha256', rsaPair, 32)),
      'accepted',
    ],
    [
      'RFC 4055 §3.1 PSS with SHA-512',
      signedBy(rsaPair, pss(sha(3), sha(3), 64), pssBy('sha512', rsaPair, 64)),
      'accepted',
    ],
    [
      'RFC 4055 §3.1 PSS by a key for PSS',
      signedBy(pssPair, pss(s256, s256, 32), pssBy('sha256', pssPair, 32)),
      'accepted',
    ],
    [
      'RFC 4055 §3.1 PSS by a key for SHA-512 only',
      signedBy(narrow, pss(sha(3), sha(3), 64), pssBy('sha512', narrow, 64)),
      'accepted',
    ],
    [
      'RFC 4055 §3.1 PSS, the salt shorter than named',
      signedBy(rsaPair, pss(s256, s256, 32), pssBy('sha256', rsaPair, 20)),
      'signature',
    ],
    [
      'RFC 4055 §3.1 PSS, MGF1 of another digest',
      signedBy(rsaPair, pss(s256, sha(2), 32), pssBy('sha256', rsaPair, 32)),
      'algorithm',
    ],
    [
      'RFC 4055 §3.1 PSS, a salt of 20 octets named',
      signedBy(rsaPair, pss(s256, s256, 20), pssBy('sha256', rsaPair, 20)),
      'algorithm',
    ],
    [
      'RFC 4055 §3.1 PSS, another trailer',
      signedBy(rsaPair, pss(s256, s256, 32, der.context(3, der.integer(2))), pssBy('sha256', rsaPair, 32)),
      'der',
    ],
    [
      'RFC 4055 §3.1 PSS named, PKCS#1 made',
      signedBy(rsaPair, pss(s256, s256, 32), by('sha256', rsaPair)),
      'signature',
    ],
    [
      'RFC 4055 §1.2 PKCS#1 by a key for PSS',
      signedBy(pssPair, pkcs1(11, NULL), pssBy('sha256', pssPair, 32)),
      'signature',
    ],
    ['RFC 8410 §6 Ed25519', signedBy(edPair, oid('1.3.101.112'), by(null, edPair)), 'accepted'],
    [
      'RFC 8410 §3 Ed25519: parameters must be absent',
      signedBy(edPair, oid('1.3.101.112', NULL), by(null, edPair)),
      'algorithm',
    ],
    ['RFC 8410 Ed448 is off the list', signedBy(edPair, oid('1.3.101.113'), by(null, edPair)), 'algorithm'],
    [
      'RFC 8410 Ed25519 named, the key is on P-256',
      signedBy(p256Pair, oid('1.3.101.112'), by('sha256', p256Pair)),
      'signature',
    ],
    ['RSA named, the key is on P-256', signedBy(p256Pair, pkcs1(11, NULL), by('sha256', p256Pair)), 'signature'],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

  test.each<[string, number, Uint8Array, number, Case[2]]>([
    ['for SHA-512 verifies SHA-512', 3, pss(sha(3), sha(3), 64), 64, 'accepted'],
    ['for SHA-512 verifies no SHA-256', 1, pss(s256, s256, 32), 32, 'signature'],
  ])('RFC 4055 §3.1 a PSS key %s', (_, arc, algorithm, salt, expected) => {
    const bare = makeCa('ca', { keyPair: rsaPair }, root);
    const hash = sha(3, NULL);
    const publicKey = der.sequence(pss(hash, hash, 64), der.bitString(bare.certificate.publicKey.keyBytes));
    const ca = altered(bare, root, { publicKey });
    const signer = pssBy(arc === 1 ? 'sha256' : 'sha512', rsaPair, salt);
    const build = () => ({
      end: altered(dummyLeaf(ca), ca, { algorithm, signer }),
      anchors: [root],
      intermediates: [ca],
    });
    expect(verdicts(build)).toEqual([expected, expected]);
  });
});

describe('§4.1.1.2 an algorithm off the list', () => {
  const weak = { algorithm: pkcs1(5, NULL), signer: by('sha1', rsaPair) };
  const strong = { algorithm: pkcs1(11, NULL), signer: by('sha256', rsaPair) };
  const rsaRoot = altered(makeCa('root', { keyPair: rsaPair, signingKey: p256Pair.privateKey }), root, strong);
  const old = altered(rsaRoot, rsaRoot, weak);
  const ca = altered(makeCa('ca', {}, { ...rsaRoot, key: p256Pair.privateKey }), rsaRoot, strong);
  test.each<Case>([
    [
      'in an intermediate',
      () => ({ end: makeLeaf(ca), anchors: [rsaRoot], intermediates: [altered(ca, rsaRoot, weak)] }),
      'algorithm',
    ],
    [
      'in the root itself, which nobody verifies',
      () => ({ end: makeLeaf(ca), anchors: [old], intermediates: [ca] }),
      'accepted',
    ],
    [
      'in one of two certificates of the intermediate: the other is taken',
      () => ({ end: makeLeaf(ca), anchors: [rsaRoot], intermediates: [altered(ca, rsaRoot, weak), ca] }),
      'accepted',
    ],
  ])('§4.1.1.2 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.1.2.7 subject public keys', () => {
  const ca = makeCa('ca', {}, root);
  const leaf = makeLeaf(ca);
  const withKey = (publicKey: Uint8Array) => (): Chain => ({
    end: altered(leaf, ca, { publicKey }),
    anchors: [root],
    intermediates: [ca],
  });
  const spki = (algorithm: Uint8Array, key: Uint8Array) => der.sequence(algorithm, der.bitString(key));
  const odd = (bits: number) => {
    const bytes = new Uint8Array(Math.ceil(bits / 8)).fill(0xff);
    return bytes.with(0, 0xff >> (bytes.length * 8 - bits));
  };
  const rsa = (bits: number, exponent: Uint8Array = der.integer(65_537), ...parameters: Uint8Array[]) =>
    spki(pkcs1(1, ...(parameters.length === 0 ? [NULL] : parameters)), der.sequence(der.integer(odd(bits)), exponent));
  const onCurve = (curve: Uint8Array, key: Uint8Array) => spki(oid('1.2.840.10045.2.1', curve), key);
  const prime256 = der.oid('1.2.840.10045.3.1.7');
  const point = leaf.certificate.publicKey.keyBytes;
  const compressed = Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1), ...point.subarray(1, 33));
  const ed = Uint8Array.from(edPair.publicKey.export({ format: 'der', type: 'spki' })).subarray(-32);
  const certicom = (arc: number) => der.oid(`1.3.132.0.${arc}`);
  test.each<Case>([
    ['RFC 3279 §2.3.1 RSA of 2048 bits', withKey(rsa(2048)), 'accepted'],
    ['RSA of 2047 bits is weak', withKey(rsa(2047)), 'weak-key'],
    ['RSA of 1024 bits is weak', withKey(rsa(1024)), 'weak-key'],
    ['RSA of 2049 bits is odd for strict', withKey(rsa(2049)), 'weak-key', 'accepted'],
    ['RSA of 8192 bits', withKey(rsa(8192)), 'accepted'],
    ['RSA of 8200 bits costs too much', withKey(rsa(8200)), 'weak-key'],
    ['RFC 3279 §2.3.1 RSA with the exponent 3', withKey(rsa(2048, der.integer(3))), 'accepted'],
    ['RSA with the exponent 1', withKey(rsa(2048, der.integer(1))), 'weak-key'],
    ['RSA with the exponent 0', withKey(rsa(2048, der.integer(0))), 'weak-key'],
    ['RSA with an even exponent', withKey(rsa(2048, der.integer(65_536))), 'weak-key'],
    ['RSA with a negative exponent', withKey(rsa(2048, der.integer(-3))), 'weak-key'],
    [
      'RFC 3279 §2.3.1 RSA without NULL',
      withKey(spki(pkcs1(1), der.sequence(der.integer(odd(2048)), der.integer(3)))),
      'weak-key',
    ],
    [
      'RSA with a third integer in the key',
      withKey(spki(pkcs1(1, NULL), der.sequence(der.integer(3), der.integer(3), der.integer(3)))),
      'der',
    ],
    ['RFC 5480 §2.1.1 P-256', withKey(onCurve(prime256, point)), 'accepted'],
    ['RFC 5480 §2.1.1 parameters are a named curve, not NULL', withKey(onCurve(NULL, point)), 'weak-key'],
    [
      'RFC 5480 §2.1.1 parameters are a named curve, not absent',
      withKey(spki(oid('1.2.840.10045.2.1'), point)),
      'weak-key',
    ],
    [
      'RFC 5480 §2.1.1 parameters are a named curve, not specified',
      withKey(onCurve(der.sequence(der.integer(1)), point)),
      'weak-key',
    ],
    ['RFC 5480 §2.1.1 P-224 is off the list', withKey(onCurve(certicom(33), point)), 'weak-key'],
    ['RFC 5480 §2.2 a compressed point is not taken', withKey(onCurve(prime256, compressed)), 'weak-key'],
    ['RFC 5480 §2.2 a hybrid point', withKey(onCurve(prime256, point.with(0, 6))), 'weak-key'],
    ['RFC 5480 §2.2 the point at infinity', withKey(onCurve(prime256, Uint8Array.of(0))), 'weak-key'],
    ['RFC 5480 §2.2 a point of another curve’s length', withKey(onCurve(certicom(34), point)), 'weak-key'],
    ['RFC 8410 §4 Ed25519', withKey(spki(oid('1.3.101.112'), ed)), 'accepted'],
    ['RFC 8410 §3 Ed25519 with NULL', withKey(spki(oid('1.3.101.112', NULL), ed)), 'weak-key'],
    ['RFC 8410 §4 Ed25519 of 31 octets', withKey(spki(oid('1.3.101.112'), ed.subarray(1))), 'weak-key'],
    ['RFC 8410 X25519 signs nothing', withKey(spki(oid('1.3.101.110'), ed)), 'weak-key'],
    ['RFC 3279 §2.3.2 DSA is off the list', withKey(spki(oid('1.2.840.10040.4.1'), der.integer(3))), 'weak-key'],
    [
      '§4.1.2.7 a key with an unused bit',
      withKey(der.sequence(oid('1.2.3'), der.bitString(Uint8Array.of(2), 1))),
      'certificate',
    ],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

  test('§4.1.2.7 a bare anchor of a curve off the list verifies nothing', () => {
    const weak = makeCa('weak', { keyPair: ec('secp256k1'), signingKey: root.key });
    const build = () => ({ end: makeLeaf({ ...weak, key: root.key }), anchors: [bareAnchor(weak)] });
    expect(verdicts(build)).toEqual(['weak-key', 'weak-key']);
  });
});

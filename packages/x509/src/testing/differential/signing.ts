// Signature algorithms of made-up certificates: what the identifiers say, and how the signature is really made.

import { constants, type KeyObject, sign } from 'node:crypto';
import { DIGEST_ARC, MGF1_OID, RSA_PSS_OID, type SignatureAlgorithm } from '../../algorithm.ts';
import { encodeSignatureAlgorithm } from '../../algorithm-encoding.ts';
import { derTypes as der } from '../../der-types.ts';
import type { KeyKind } from './keys.ts';

/** An algorithm. */
export interface Signing {
  /** AlgorithmIdentifier. */
  readonly identifier: Uint8Array;
  readonly sign: (data: Uint8Array, key: KeyObject) => Uint8Array;
}

const oid = (dotted: string, ...parameters: Uint8Array[]) => der.sequence(der.oid(dotted), ...parameters);
const plain = (identifier: Uint8Array, digest: string | null): Signing => ({
  identifier,
  sign: (data, key) => new Uint8Array(sign(digest, data, key)),
});
const pss = (identifier: Uint8Array, digest: string, saltLength: number): Signing => ({
  identifier,
  sign: (data, key) =>
    new Uint8Array(sign(digest, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })),
});
const allowed = (name: Exclude<SignatureAlgorithm, 'unsupported'>): Signing => {
  const identifier = encodeSignatureAlgorithm(name);
  const digest = name.split('-').at(-1) ?? '';
  if (name === 'ed25519') return plain(identifier, null);
  return name.startsWith('rsa-pss-') ? pss(identifier, digest, Number(digest.slice(3)) / 8) : plain(identifier, digest);
};

/** Parameters of PSS: digest, digest of the mask, salt length. */
function pssIdentifier(arc: number, maskArc: number, saltLength: number): Uint8Array {
  const hash = (last: number) => oid(`${DIGEST_ARC}${last}`, der.null_());
  const mask = oid(MGF1_OID, hash(maskArc));
  const parameters = [der.context(0, hash(arc)), der.context(1, mask), der.context(2, der.integer(saltLength))];
  return oid(RSA_PSS_OID, der.sequence(...parameters));
}

/** Algorithms by name: those on the allow-list, then those that are weak, unknown, or have parameters they must not have. */
export const SIGNING = {
  'ecdsa-sha256': allowed('ecdsa-sha256'),
  'ecdsa-sha384': allowed('ecdsa-sha384'),
  'ecdsa-sha512': allowed('ecdsa-sha512'),
  'rsa-sha256': allowed('rsa-sha256'),
  'rsa-sha384': allowed('rsa-sha384'),
  'rsa-sha512': allowed('rsa-sha512'),
  'rsa-pss-sha256': allowed('rsa-pss-sha256'),
  'rsa-pss-sha384': allowed('rsa-pss-sha384'),
  'rsa-pss-sha512': allowed('rsa-pss-sha512'),
  ed25519: allowed('ed25519'),
  'rsa-sha1': plain(oid('1.2.840.113549.1.1.5', der.null_()), 'sha1'),
  'rsa-md5': plain(oid('1.2.840.113549.1.1.4', der.null_()), 'md5'),
  'rsa-sha224': plain(oid('1.2.840.113549.1.1.14', der.null_()), 'sha224'),
  'rsa-sha256-no-null': plain(oid('1.2.840.113549.1.1.11'), 'sha256'),
  'rsa-sha256-odd-parameters': plain(oid('1.2.840.113549.1.1.11', der.integer(1)), 'sha256'),
  'rsa-pss-salt-20': pss(pssIdentifier(1, 1, 20), 'sha256', 20),
  'rsa-pss-salt-wrong': pss(pssIdentifier(1, 1, 32), 'sha256', 20),
  'rsa-pss-no-parameters': pss(oid(RSA_PSS_OID), 'sha256', 32),
  'rsa-pss-default-sha1': pss(oid(RSA_PSS_OID, der.sequence()), 'sha1', 20),
  'ecdsa-sha1': plain(oid('1.2.840.10045.4.1'), 'sha1'),
  'ecdsa-sha224': plain(oid('1.2.840.10045.4.3.1'), 'sha224'),
  'ecdsa-sha3-256': plain(oid('2.16.840.1.101.3.4.3.10'), 'sha3-256'),
  'ecdsa-sha256-null': plain(oid('1.2.840.10045.4.3.2', der.null_()), 'sha256'),
  'ed25519-null': plain(oid('1.3.101.112', der.null_()), null),
  ed448: plain(oid('1.3.101.113'), null),
  unknown: plain(oid('1.2.3.4'), 'sha256'),
} as const satisfies Readonly<Record<string, Signing>>;

/** The name of an algorithm. */
export type SigningName = keyof typeof SIGNING;

/** Algorithms that a kind of key signs with, the usual one first. */
export const SIGNING_OF: Readonly<Record<KeyKind, readonly [SigningName, ...SigningName[]]>> = {
  p256: ['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'],
  p384: ['ecdsa-sha384', 'ecdsa-sha256'],
  p521: ['ecdsa-sha512', 'ecdsa-sha256'],
  rsa: ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'rsa-pss-sha256', 'rsa-pss-sha384', 'rsa-pss-sha512'],
  'rsa-pss': ['rsa-pss-sha256', 'rsa-pss-sha512'],
  ed25519: ['ed25519'],
  'rsa-exponent-3': ['rsa-sha256'],
  'rsa-2050': ['rsa-sha256'],
  'rsa-1024': ['rsa-sha256'],
  'rsa-pss-sha512': ['rsa-pss-sha512'],
  p224: ['ecdsa-sha256'],
  secp256k1: ['ecdsa-sha256'],
  'p256-explicit': ['ecdsa-sha256'],
  ed448: ['ed448'],
};

/** Which families of algorithms a kind of key can sign with, whatever comes of it. */
const FAMILIES: readonly (readonly [RegExp, RegExp])[] = [
  [/^rsa/, /^rsa/],
  [/^ed25519/, /^ed25519/],
  [/^ed448/, /^ed448/],
  [/^(p\d|secp)/, /^(ecdsa|unknown)/],
];

/** The algorithm, or the usual one of the key where the key cannot sign with it. */
export function signingOf(kind: KeyKind, wanted: SigningName | undefined): Signing {
  const [usual] = SIGNING_OF[kind];
  const isPossible = FAMILIES.some(([keys, names]) => keys.test(kind) && names.test(wanted ?? usual));
  return SIGNING[(isPossible && wanted) || usual];
}

// Public keys: their SubjectPublicKeyInfo, what kind and how strong they are, and node's object when first needed.

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { parseAlgorithm } from './algorithm.ts';
import { cursor, type DerNode, readBitString, readDer, readInteger } from './der.ts';
import { refuse } from './errors.ts';
import { decodeOid } from './oid.ts';

/** What kind of key it is; `other` never verifies anything. */
export type PublicKeyType = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519' | 'rsa' | 'rsa-pss' | 'other';

/** A public key. */
export interface PublicKey {
  /** The whole SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly digest: Uint8Array;
  /** The octets of the BIT STRING: what SHA-1 key identifiers are made of. */
  readonly keyBytes: Uint8Array;
  readonly type: PublicKeyType;
  /** Size of the curve or of the RSA modulus; 0 for `other`. */
  readonly bits: number;
  /**
   * Node's key, made once.
   * @throws X509Error `weak-key` when node:crypto refuses it (a point that is not on its curve)
   */
  keyObject(): KeyObject;
}

/** RSA modulus sizes that are accepted: below is weak, above costs too much. */
export const RSA_BITS = { least: 2048, most: 8192 } as const;
/** Longest RSA exponent, in bytes. */
const MAX_EXPONENT_BYTES = 8;

const EC_OID = '1.2.840.10045.2.1';
const CURVES: Readonly<Record<string, readonly [PublicKeyType, number]>> = {
  '1.2.840.10045.3.1.7': ['ec-p256', 256],
  '1.3.132.0.34': ['ec-p384', 384],
  '1.3.132.0.35': ['ec-p521', 521],
};
const OTHER = ['other', 0] as const;

/**
 * The key of a SubjectPublicKeyInfo, given as bytes or as a node.
 * @throws X509Error `der` or `certificate`
 * @see RFC 5280 §4.1.2.7, RFC 5480, RFC 8410, RFC 3279 §2.3.1
 */
export function parsePublicKey(spki: Uint8Array | DerNode | undefined): PublicKey {
  const node = spki instanceof Uint8Array ? readDer(spki) : spki;
  const fields = cursor(node);
  const algorithm = parseAlgorithm(fields.next());
  const { bytes: keyBytes, unused } = readBitString(fields.next());
  fields.end();
  if (unused !== 0) refuse('certificate', 'A public key does not end on a whole byte.');
  const der = node?.raw ?? new Uint8Array();
  const [type, bits] = classify(algorithm.oid, algorithm.parameters, keyBytes);
  let digest: Uint8Array | undefined;
  let key: KeyObject | undefined;
  return {
    der,
    keyBytes,
    type,
    bits,
    get digest() {
      digest ??= new Uint8Array(createHash('sha256').update(der).digest());
      return digest;
    },
    keyObject() {
      key ??= importKey(der);
      return key;
    },
  };
}

/** True for keys that nothing may be verified with: unknown kinds, RSA outside 2048..8192 bits. */
export function isWeakKey({ type, bits }: PublicKey): boolean {
  if (type === 'rsa' || type === 'rsa-pss') return bits < RSA_BITS.least || bits > RSA_BITS.most;
  return type === 'other';
}

function classify(oid: string, parameters: DerNode | undefined, key: Uint8Array): readonly [PublicKeyType, number] {
  switch (oid) {
    case EC_OID: {
      const [type, bits] = (parameters?.tag === 0x06 && CURVES[decodeOid(parameters.content)]) || OTHER;
      // Uncompressed points only (RFC 5480 §2.2 leaves the others optional).
      return key[0] === 4 && key.length === 1 + 2 * Math.ceil(bits / 8) ? [type, bits] : OTHER;
    }
    case '1.3.101.112':
      return parameters === undefined && key.length === 32 ? ['ed25519', 256] : OTHER;
    case '1.2.840.113549.1.1.1':
      return parameters?.tag === 0x05 ? ['rsa', modulusBits(key)] : OTHER;
    case '1.2.840.113549.1.1.10':
      return ['rsa-pss', modulusBits(key)];
    default:
      return OTHER;
  }
}

/** 0, which is weak, when modulus or exponent cannot be those of a sound key. */
function modulusBits(key: Uint8Array): number {
  const fields = cursor(readDer(key));
  const modulus = readInteger(fields.next());
  const exponent = readInteger(fields.next());
  fields.end();
  const isOdd = (number: Uint8Array) => ((number[number.length - 1] ?? 0) & 1) === 1;
  const [first = 0, second = 0] = modulus;
  const isOne = exponent.length === 1 && exponent[0] === 1;
  if (first >= 0x80 || !isOdd(modulus)) return 0;
  if ((exponent[0] ?? 0) >= 0x80 || !isOdd(exponent) || isOne || exponent.length > MAX_EXPONENT_BYTES) return 0;
  return first === 0
    ? (modulus.length - 2) * 8 + (32 - Math.clz32(second))
    : (modulus.length - 1) * 8 + (32 - Math.clz32(first));
}

function importKey(der: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: der as Buffer, format: 'der', type: 'spki' });
  } catch (cause) {
    refuse('weak-key', 'A public key is not one that node:crypto takes.', undefined, { cause });
  }
}

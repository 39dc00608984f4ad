// Public keys: their SubjectPublicKeyInfo, what kind and how strong they are, and node's object when first needed.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { isNull, parseAlgorithm } from './algorithm.ts';
import { sha256, toHex } from './bytes.ts';
import { ANY, type DerNode, readDer, readFields, readInteger, readWholeBytes } from './der.ts';
import { X509Error } from './errors.ts';
import { readOid } from './oid.ts';

/** What kind of key it is; `other` never verifies anything. */
export type PublicKeyType = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519' | 'rsa' | 'rsa-pss' | 'other';

/** A public key. */
export interface PublicKey {
  /** The whole SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  /** The octets of the BIT STRING: what key identifiers are made of. */
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

/** RSA modulus sizes, in bits, that are accepted: below is weak, above costs too much. */
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 8192;
/** Longest RSA exponent, in bytes. */
const MAX_EXPONENT_BYTES = 8;

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
  const [algorithm, bits] = readFields(node, ANY, ANY);
  const keyBytes = readWholeBytes(bits);
  const der = node?.raw ?? new Uint8Array();
  const [type, size] = classify(algorithm, keyBytes);
  let key: KeyObject | undefined;
  return {
    der,
    keyBytes,
    type,
    bits: size,
    keyObject() {
      key ??= importKey(der);
      return key;
    },
  };
}

/** SHA-256 of the SubjectPublicKeyInfo. */
export function keyDigest({ der }: PublicKey): Uint8Array {
  return sha256(der);
}

/** True for keys that nothing may be verified with: unknown kinds, RSA outside 2048..8192 bits. */
export function isWeakKey({ type, bits }: PublicKey): boolean {
  return type.startsWith('rsa') ? bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS : type === 'other';
}

function classify(algorithm: DerNode | undefined, key: Uint8Array): readonly [PublicKeyType, number] {
  const { oid, parameters } = parseAlgorithm(algorithm);
  switch (oid) {
    case '1.2.840.10045.2.1': {
      const curve = (parameters?.tag === 0x06 && CURVES[readOid(parameters)]) || OTHER;
      // Uncompressed points only (RFC 5480 §2.2 leaves the others optional).
      return key[0] === 4 && key.length === 1 + 2 * Math.ceil(curve[1] / 8) ? curve : OTHER;
    }
    case '1.3.101.112':
      return !parameters && key.length === 32 ? ['ed25519', 256] : OTHER;
    case '1.2.840.113549.1.1.1':
      return parameters && isNull(parameters) ? ['rsa', modulusBits(key)] : OTHER;
    case '1.2.840.113549.1.1.10':
      return ['rsa-pss', modulusBits(key)];
    default:
      return OTHER;
  }
}

/** 0, which is weak, when modulus or exponent cannot be those of a sound key: positive, odd, the exponent small and not 1. */
function modulusBits(key: Uint8Array): number {
  const [modulus, exponent] = readFields(readDer(key), ANY, ANY).map((field) => readInteger(field));
  if (!modulus || !exponent || exponent.length > MAX_EXPONENT_BYTES || toHex(exponent) === '01') return 0;
  const isUnsound = [modulus, exponent].some((number) => (number[0] ?? 0) >= 0x80 || !((number.at(-1) ?? 0) & 1));
  return isUnsound ? 0 : BigInt(`0x${toHex(modulus)}`).toString(2).length;
}

function importKey(der: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: der as Buffer, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new X509Error('weak-key', undefined, undefined, { cause });
  }
}

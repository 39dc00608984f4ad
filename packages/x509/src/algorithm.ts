// Signature algorithms: the allow-list, read from AlgorithmIdentifiers.

import { toHex } from './bytes.ts';
import { ANY, type DerNode, readDer, readFields, readSmallInteger } from './der.ts';
import { readOid } from './oid.ts';

/** Every algorithm that can verify here; `unsupported` never does. */
export type SignatureAlgorithm = `ecdsa-${Digest}` | 'ed25519' | `rsa-${Digest}` | `rsa-pss-${Digest}` | 'unsupported';

/** Digests that signatures may use. */
export type Digest = (typeof DIGESTS)[number];

/** The last arc of a digest's OID is its place here, from 1. */
export const DIGESTS = ['sha256', 'sha384', 'sha512'] as const;
export const DIGEST_ARC = '2.16.840.1.101.3.4.2.';

/** Signature algorithms by OID, PSS apart (its parameters choose the digest). */
export const SIGNATURE_OIDS: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.3.101.112': 'ed25519',
  ...Object.fromEntries(DIGESTS.map((digest, i) => [`1.2.840.10045.4.3.${2 + i}`, `ecdsa-${digest}`])),
  ...Object.fromEntries(DIGESTS.map((digest, i) => [`1.2.840.113549.1.1.${11 + i}`, `rsa-${digest}`])),
};

export const RSA_PSS_OID = '1.2.840.113549.1.1.10';
export const MGF1_OID = '1.2.840.113549.1.1.8';

/**
 * The algorithm of an AlgorithmIdentifier; what is not on the allow-list, or has parameters it must not have, is
 * `unsupported`.
 * @throws X509Error `der`
 * @see RFC 5758, RFC 8410, RFC 4055 §3.1 and §5
 */
export function parseSignatureAlgorithm(node: DerNode | undefined): SignatureAlgorithm {
  const { oid, parameters } = parseAlgorithm(node);
  if (oid === RSA_PSS_OID) return parsePss(parameters);
  const algorithm = SIGNATURE_OIDS[oid] ?? 'unsupported';
  return !parameters || (algorithm.startsWith('rsa-') && isNull(parameters)) ? algorithm : 'unsupported';
}

/** OID and parameters of an AlgorithmIdentifier. */
export function parseAlgorithm(node: DerNode | undefined): {
  readonly oid: string;
  readonly parameters: DerNode | undefined;
} {
  const [oid, parameters] = readFields(node, ANY, ANY);
  return { oid: readOid(oid), parameters };
}

/** Salt lengths of PSS are those of the digests. */
export function saltLength(digest: Digest): number {
  return Number(digest.slice(3)) / 8;
}

/** Only the forms without a choice: digest, MGF1 of it, salt as long as it, default trailer. */
function parsePss(parameters: DerNode | undefined): SignatureAlgorithm {
  if (parameters?.tag !== 0x30) return 'unsupported';
  const [hash, mask, salt] = readFields(parameters, 0xa0, 0xa1, 0xa2).map((field) => field && readDer(field.content));
  if (!hash || !mask || !salt) return 'unsupported';
  const digest = digestOf(hash);
  const generator = parseAlgorithm(mask);
  const isSame = generator.oid === MGF1_OID && generator.parameters && digestOf(generator.parameters) === digest;
  return digest && isSame && readSmallInteger(salt) === saltLength(digest) ? `rsa-pss-${digest}` : 'unsupported';
}

function digestOf(node: DerNode): Digest | undefined {
  const { oid, parameters } = parseAlgorithm(node);
  return DIGESTS.find((_, i) => oid === `${DIGEST_ARC}${1 + i}` && (!parameters || isNull(parameters)));
}

/** NULL, whole (X.690 §8.8.2). */
export function isNull({ raw }: DerNode): boolean {
  return toHex(raw) === '0500';
}

// Signature algorithms: the allow-list, read from AlgorithmIdentifiers.

import { equalBytes } from './bytes.ts';
import { cursor, type DerNode, elementsOf, readSmallInteger } from './der.ts';
import { decodeOid } from './oid.ts';

/** Every algorithm that can verify here; `unsupported` never does. */
export type SignatureAlgorithm = `ecdsa-${Digest}` | 'ed25519' | `rsa-${Digest}` | `rsa-pss-${Digest}` | 'unsupported';

/** Digests that signatures may use. */
export type Digest = 'sha256' | 'sha384' | 'sha512';

const DIGEST_OIDS: Readonly<Record<string, Digest>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Signature algorithms by OID, PSS apart (its parameters choose the digest). */
export const SIGNATURE_OIDS: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.10045.4.3.2': 'ecdsa-sha256',
  '1.2.840.10045.4.3.3': 'ecdsa-sha384',
  '1.2.840.10045.4.3.4': 'ecdsa-sha512',
  '1.3.101.112': 'ed25519',
  '1.2.840.113549.1.1.11': 'rsa-sha256',
  '1.2.840.113549.1.1.12': 'rsa-sha384',
  '1.2.840.113549.1.1.13': 'rsa-sha512',
};

export const RSA_PSS_OID = '1.2.840.113549.1.1.10';
export const MGF1_OID = '1.2.840.113549.1.1.8';
/** Salt lengths of PSS: as long as the digest. */
export const SALT_LENGTHS: Readonly<Record<Digest, number>> = { sha256: 32, sha384: 48, sha512: 64 };

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
  if (parameters === undefined) return algorithm;
  return algorithm.startsWith('rsa-') && equalBytes(parameters.raw, Uint8Array.of(5, 0)) ? algorithm : 'unsupported';
}

/** OID and parameters of an AlgorithmIdentifier. */
export function parseAlgorithm(node: DerNode | undefined): { readonly oid: string; readonly parameters?: DerNode } {
  const fields = cursor(node);
  const oid = fields.next();
  const parameters = fields.next();
  fields.end();
  const name = decodeOid(oid?.tag === 0x06 ? oid.content : new Uint8Array());
  return parameters === undefined ? { oid: name } : { oid: name, parameters };
}

/** The digest that an algorithm signs; Ed25519 takes the data itself. */
export function digestOf(algorithm: SignatureAlgorithm): Digest | undefined {
  return Object.values(DIGEST_OIDS).find((digest) => algorithm.endsWith(digest));
}

/** The OID of a digest. */
export function digestOid(digest: Digest): string {
  return Object.entries(DIGEST_OIDS).find(([, name]) => name === digest)?.[0] ?? '';
}

/** Only the forms without a choice: digest, MGF1 of it, salt as long as it, default trailer. */
function parsePss(parameters: DerNode | undefined): SignatureAlgorithm {
  if (parameters?.tag !== 0x30) return 'unsupported';
  const fields = cursor(parameters);
  const hash = inside(fields.optional(0xa0), 0xa0);
  const mask = inside(fields.optional(0xa1), 0xa1);
  const salt = inside(fields.optional(0xa2), 0xa2);
  fields.end();
  if (hash === undefined || mask === undefined || salt === undefined) return 'unsupported';
  const digest = digestOfIdentifier(hash);
  const generator = parseAlgorithm(mask);
  if (digest === undefined || generator.oid !== MGF1_OID || generator.parameters === undefined) return 'unsupported';
  const same = digestOfIdentifier(generator.parameters) === digest;
  return same && readSmallInteger(salt) === SALT_LENGTHS[digest] ? `rsa-pss-${digest}` : 'unsupported';
}

function inside(node: DerNode | undefined, tag: number): DerNode | undefined {
  return node === undefined ? undefined : elementsOf(node, tag)[0];
}

function digestOfIdentifier(node: DerNode): Digest | undefined {
  const { oid, parameters } = parseAlgorithm(node);
  return parameters === undefined || equalBytes(parameters.raw, Uint8Array.of(5, 0)) ? DIGEST_OIDS[oid] : undefined;
}

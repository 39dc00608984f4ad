// AlgorithmIdentifiers of signatures, written.

import {
  digestOf,
  digestOid,
  MGF1_OID,
  RSA_PSS_OID,
  SALT_LENGTHS,
  SIGNATURE_OIDS,
  type SignatureAlgorithm,
} from './algorithm.ts';
import { der } from './der-writer.ts';

/** The AlgorithmIdentifier of a signature algorithm, in the form that parseSignatureAlgorithm takes. */
export function encodeSignatureAlgorithm(algorithm: Exclude<SignatureAlgorithm, 'unsupported'>): Uint8Array {
  const digest = digestOf(algorithm);
  if (digest !== undefined && algorithm.startsWith('rsa-pss-')) {
    const hash = der.sequence(der.oid(digestOid(digest)), der.null_());
    const mask = der.sequence(der.oid(MGF1_OID), hash);
    const salt = der.integer(SALT_LENGTHS[digest]);
    const parameters = der.sequence(der.context(0, hash), der.context(1, mask), der.context(2, salt));
    return der.sequence(der.oid(RSA_PSS_OID), parameters);
  }
  const oid = Object.entries(SIGNATURE_OIDS).find(([, name]) => name === algorithm)?.[0] ?? '';
  return algorithm.startsWith('rsa-') ? der.sequence(der.oid(oid), der.null_()) : der.sequence(der.oid(oid));
}

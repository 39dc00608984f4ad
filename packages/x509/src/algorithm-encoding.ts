// AlgorithmIdentifiers of signatures, written.

import {
  DIGEST_ARC,
  DIGESTS,
  MGF1_OID,
  RSA_PSS_OID,
  SIGNATURE_OIDS,
  type SignatureAlgorithm,
  saltLength,
} from './algorithm.ts';
import { derTypes as der } from './der-types.ts';

/** The AlgorithmIdentifier of a signature algorithm, in the form that parseSignatureAlgorithm takes. */
export function encodeSignatureAlgorithm(algorithm: Exclude<SignatureAlgorithm, 'unsupported'>): Uint8Array {
  const digest = DIGESTS.find((name) => algorithm === `rsa-pss-${name}`);
  if (digest) {
    const hash = der.sequence(der.oid(`${DIGEST_ARC}${1 + DIGESTS.indexOf(digest)}`), der.null_());
    const mask = der.sequence(der.oid(MGF1_OID), hash);
    const salt = der.integer(saltLength(digest));
    const parameters = der.sequence(der.context(0, hash), der.context(1, mask), der.context(2, salt));
    return der.sequence(der.oid(RSA_PSS_OID), parameters);
  }
  const oid = Object.entries(SIGNATURE_OIDS).find(([, name]) => name === algorithm)?.[0] ?? '';
  return algorithm.startsWith('rsa-') ? der.sequence(der.oid(oid), der.null_()) : der.sequence(der.oid(oid));
}

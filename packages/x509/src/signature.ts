// Signatures by node:crypto, behind an allow-list of algorithms, keys and parameters.

import { constants, verify } from 'node:crypto';
import type { SignatureAlgorithm } from './algorithm.ts';
import type { Certificate } from './certificate.ts';
import { isWeakKey, type PublicKey } from './public-key.ts';

/** Which types of keys an algorithm may verify with, by its name without the digest. */
const KEY_TYPES: Readonly<Record<string, RegExp>> = {
  ecdsa: /^ec-/,
  ed25519: /^ed25519$/,
  rsa: /^rsa$/,
  'rsa-pss': /^rsa/,
};
/**
 * How Node signs and verifies RSA-PSS here: the salt is as long as the digest; MGF1 has the same digest without being told.
 * @see RFC 4055 §3.1
 */
export const RSA_PSS_OPTIONS = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};

/**
 * True when the signature over the data verifies with the key, the algorithm is allowed, fits the key and the key is not
 * weak; false in every other case, never an error. ECDSA signatures are DER; PSS has MGF1 of the same digest and a salt
 * as long as it.
 */
export function verifySignature(input: {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: PublicKey;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}): boolean {
  const { algorithm, publicKey, data, signature } = input;
  const [family = '', digest = null] = algorithm.split(/-(?=sha)/);
  if (isWeakKey(publicKey) || !KEY_TYPES[family]?.test(publicKey.type)) return false;
  try {
    const key = publicKey.keyObject();
    // The bare key is faster; ECDSA signatures are DER, and those of a key for `rsa` PKCS#1 v1.5, by default.
    return verify(digest, data, family === 'rsa-pss' ? { key, ...RSA_PSS_OPTIONS } : key, signature);
  } catch {
    return false;
  }
}

/** What a signature is over, and the signature: certificates and CRLs. */
export type Signed = Pick<Certificate, 'tbs' | 'signatureAlgorithm' | 'signature'>;

/** True when the key made the signature of the certificate or CRL; names are not compared. */
export function isSignedBy(signed: Signed, issuerKey: PublicKey): boolean {
  const { signatureAlgorithm: algorithm, tbs: data, signature } = signed;
  return verifySignature({ algorithm, publicKey: issuerKey, data, signature });
}

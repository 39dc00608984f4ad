// Signatures by node:crypto, behind an allow-list of algorithms, keys and parameters.

import { constants, type KeyObject, verify } from 'node:crypto';
import { digestOf, SALT_LENGTHS, type SignatureAlgorithm } from './algorithm.ts';
import type { Certificate } from './certificate.ts';
import { isWeakKey, type PublicKey } from './public-key.ts';

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
  if (algorithm === 'unsupported' || isWeakKey(publicKey) || !fitsKey(algorithm, publicKey)) return false;
  const digest = digestOf(algorithm);
  try {
    return verify(digest ?? null, data, keyOptions(algorithm, publicKey.keyObject()), signature);
  } catch {
    return false;
  }
}

/** True when the key made the certificate's signature; names are not compared. */
export function isSignedBy(certificate: Certificate, issuerKey: PublicKey): boolean {
  const { signatureAlgorithm: algorithm, tbs: data, signature } = certificate;
  return verifySignature({ algorithm, publicKey: issuerKey, data, signature });
}

function fitsKey(algorithm: SignatureAlgorithm, { type }: PublicKey): boolean {
  if (algorithm === 'ed25519') return type === 'ed25519';
  if (algorithm.startsWith('ecdsa-')) return type.startsWith('ec-');
  return type === 'rsa' || (type === 'rsa-pss' && algorithm.startsWith('rsa-pss-'));
}

function keyOptions(algorithm: SignatureAlgorithm, key: KeyObject): Parameters<typeof verify>[2] {
  // The bare key is faster, and ECDSA signatures are DER by default.
  if (!algorithm.startsWith('rsa-')) return key;
  if (!algorithm.startsWith('rsa-pss-')) return { key, padding: constants.RSA_PKCS1_PADDING };
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: SALT_LENGTHS[digestOf(algorithm) ?? 'sha256'] };
}

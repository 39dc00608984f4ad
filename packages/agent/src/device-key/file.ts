// The device identity as two files. A TPM or PKCS#11 token would be another file here, behind the same port.
import { constants, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Certificate } from '@windlass/x509';
import type { DeviceKey } from '../ports.ts';

/** The key in `pem` with its certificates, leaf first, or why it is none. */
export function readDeviceKey(pem: string, chain: readonly Certificate[]): DeviceKey | 'not-a-key' | 'other-key' {
  const key = parseKey(pem);
  if (!key) return 'not-a-key';
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  if (!chain[0] || !spki.equals(chain[0].publicKey.der)) return 'other-key';
  return { chain, sign: (toBeSigned, algorithm) => signWith(key, toBeSigned, algorithm) };
}

function parseKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

/** Algorithms as the protocol names them: `ecdsa-p256-sha256`, `rsa-pss-sha384`, `ed25519`. @see spec E5 */
function signWith(key: KeyObject, toBeSigned: Uint8Array, algorithm: string): Uint8Array {
  const hash = /sha\d{3}$/.exec(algorithm)?.[0] ?? null;
  if (!algorithm.startsWith('rsa-pss')) return sign(hash, toBeSigned, key);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign(hash, toBeSigned, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}

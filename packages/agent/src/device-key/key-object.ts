// The device identity with a key in memory. A TPM or PKCS#11 token would be another file here, behind the same port.
import { type KeyObject, sign } from 'node:crypto';
import { type Certificate, RSA_PSS_OPTIONS } from '@windlass/x509';
import type { DeviceKey } from '../ports.ts';

/**
 * `key` with its certificates, leaf first. Algorithms as the protocol names them: `ecdsa-p256-sha256`, `rsa-pss-sha384`, `ed25519`.
 * @see spec E5
 */
export function deviceKeyOf(key: KeyObject, chain: readonly Certificate[]): DeviceKey {
  return {
    chain,
    sign: (toBeSigned, algorithm) =>
      sign(/sha\d+$/.exec(algorithm)?.[0], toBeSigned, { key, ...(/pss/.test(algorithm) && RSA_PSS_OPTIONS) }),
  };
}

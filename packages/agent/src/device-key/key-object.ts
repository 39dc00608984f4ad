// The device identity with a key in memory. A TPM or PKCS#11 token would be another file here, behind the same port.
import { constants, type KeyObject, sign } from 'node:crypto';
import type { Certificate } from '@windlass/x509';
import type { DeviceKey } from '../ports.ts';

/**
 * `key` with its certificates, leaf first. Algorithms as the protocol names them: `ecdsa-p256-sha256`, `rsa-pss-sha384`, `ed25519`.
 * @see spec E5
 */
export function deviceKeyOf(key: KeyObject, chain: readonly Certificate[]): DeviceKey {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return {
    chain,
    sign: (toBeSigned, algorithm) =>
      sign(/sha\d+$/.exec(algorithm)?.[0], toBeSigned, { key, ...(/pss/.test(algorithm) && pss) }),
  };
}

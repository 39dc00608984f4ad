// The roots that Node brings for the public web: nobody's proxy has the key of one of them.
import { rootCertificates } from 'node:tls';
import { parseCertificate, parsePem, X509Error } from '@windlass/x509';

/** SubjectPublicKeyInfo of each; a root of a form that this service does not read cannot be uploaded either. */
export function publicRootKeys(): readonly Uint8Array[] {
  return rootCertificates.flatMap((pem) => parsePem(pem).flatMap(({ der }) => keyIn(der)));
}

function keyIn(der: Uint8Array): readonly Uint8Array[] {
  try {
    return [parseCertificate(der).publicKey.der];
  } catch (error) {
    if (error instanceof X509Error) return [];
    throw error;
  }
}

// What an inspection CA must be before anybody is asked to trust it; the same on the device and where it is uploaded. @see spec D18
import { type Certificate, parseCertificate, X509Error } from '@windlass/x509';
import { check, ProtocolError } from './errors.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts';
import type { InspectionCa } from './security-profile.ts';

/** The certificate of an inspection CA that may stand in a profile. @throws ProtocolError `inspection-ca` @see spec D18 */
export function checkInspectionCa({ certificate, from, until }: InspectionCa): Certificate {
  const parsed = parse(certificate);
  const { extensions, publicKey, signatureAlgorithm, notAfter } = parsed;
  const { basicConstraints, keyUsage } = extensions;
  const mayIssue = keyUsage === undefined || keyUsage.includes('keyCertSign');
  check(basicConstraints?.ca, 'inspection-ca', 'An inspection CA is not a CA.'); // spec D18
  check(mayIssue, 'inspection-ca', 'The key of an inspection CA may not sign certificates.'); // spec D18
  const isRsa = publicKey.type.startsWith('rsa');
  const isStrong = isRsa
    ? publicKey.bits >= MIN_RSA_BITS && publicKey.bits <= MAX_RSA_BITS
    : publicKey.type !== 'other';
  check(isStrong, 'inspection-ca', 'The key of an inspection CA is weak, or of an unknown kind.'); // spec D18
  check(
    signatureAlgorithm !== 'unsupported',
    'inspection-ca',
    'An inspection CA is signed with a weak or unknown algorithm.',
  ); // spec D18
  check(from < until, 'inspection-ca', 'An inspection CA is to be trusted from a time after its end.'); // spec D18
  check(until <= notAfter, 'inspection-ca', 'An inspection CA is to be trusted after its certificate ends.'); // spec D18
  return parsed;
}

function parse(bytes: Uint8Array): Certificate {
  try {
    return parseCertificate(bytes);
  } catch (error) {
    if (error instanceof X509Error)
      throw new ProtocolError('inspection-ca', 'An inspection CA is not a certificate.', { cause: error });
    throw error;
  }
}

// What an inspection CA must be before anybody is asked to trust it; the same on the device and where it is uploaded. @see spec D18
import { type Certificate, parseCertificate } from '@windlass/x509';
import { check } from './errors.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts';
import type { InspectionCa } from './security-profile.ts';
import { refusedAs } from './x509-errors.ts';

/** The certificate of an inspection CA that may stand in a profile. @throws ProtocolError `inspection-ca` @see spec D18 */
export function checkInspectionCa({ certificate, from, until }: InspectionCa): Certificate {
  const parsed = refusedAs(
    () => 'inspection-ca',
    () => parseCertificate(certificate),
    'It is not a certificate.',
  );
  const { extensions, publicKey, signatureAlgorithm, notAfter } = parsed;
  const { basicConstraints, keyUsage } = extensions;
  const mayIssue = keyUsage === undefined || keyUsage.includes('keyCertSign');
  check(basicConstraints?.ca, 'inspection-ca', 'The certificate is not a CA.'); // spec D18
  check(mayIssue, 'inspection-ca', 'The key of the CA may not sign certificates.'); // spec D18
  const isRsa = publicKey.type.startsWith('rsa');
  const isStrong = isRsa
    ? publicKey.bits >= MIN_RSA_BITS && publicKey.bits <= MAX_RSA_BITS
    : publicKey.type !== 'other';
  check(isStrong, 'inspection-ca', 'The key of the CA is too weak.'); // spec D18
  check(signatureAlgorithm !== 'unsupported', 'inspection-ca', 'The CA is signed with a weak algorithm.'); // spec D18
  check(from < until, 'inspection-ca', 'The trust in the CA ends before it begins.'); // spec D18
  check(until <= notAfter, 'inspection-ca', 'The trust in the CA ends after the CA itself.'); // spec D18
  return parsed;
}

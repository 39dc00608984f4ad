// What an inspection CA must be before anybody is asked to trust it; the same on the device and where it is uploaded. @see spec D18
import { type Certificate, parseCertificate } from '@windlass/x509';
import { check } from './errors.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts';
import type { InspectionCa } from './security-profile.ts';
import { refusedAs } from './x509-errors.ts';

/** The certificate of an inspection CA that may stand in a profile. @throws ProtocolError `inspection-ca` @see spec D18 */
export function checkInspectionCa({ certificate, from, until }: InspectionCa): Certificate {
  const parsed = refusedAs('inspection-ca', () => parseCertificate(certificate));
  const { extensions, publicKey, signatureAlgorithm, notAfter } = parsed;
  const { basicConstraints, keyUsage } = extensions;
  const mayIssue = keyUsage === undefined || keyUsage.includes('keyCertSign');
  check(basicConstraints?.ca, 'inspection-ca'); // spec D18
  check(mayIssue, 'inspection-ca'); // spec D18
  const isRsa = publicKey.type.startsWith('rsa');
  const isStrong = isRsa
    ? publicKey.bits >= MIN_RSA_BITS && publicKey.bits <= MAX_RSA_BITS
    : publicKey.type !== 'other';
  check(isStrong, 'inspection-ca'); // spec D18
  check(signatureAlgorithm !== 'unsupported', 'inspection-ca'); // spec D18
  check(from < until, 'inspection-ca'); // spec D18
  check(until <= notAfter, 'inspection-ca'); // spec D18
  return parsed;
}

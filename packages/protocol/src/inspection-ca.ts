// What an inspection CA must be before anybody is asked to trust it; the same on the device and where it is uploaded. @see spec D18
import { type Certificate, isWeakKey, parseCertificate } from '@windlass/x509';
import { check } from './errors.ts';
import type { InspectionCa } from './security-profile.ts';
import { refusedAs } from './x509-errors.ts';

/** The certificate of an inspection CA that may stand in a profile. @throws ProtocolError `inspection-ca` @see spec D18 */
export function checkInspectionCa({ certificate, from, until }: InspectionCa): Certificate {
  const parsed = refusedAs('inspection-ca', () => parseCertificate(certificate));
  const { extensions, publicKey, signatureAlgorithm, notAfter } = parsed;
  const { basicConstraints, keyUsage } = extensions;
  const must = (condition: unknown) => check(condition, 'inspection-ca');
  must(basicConstraints?.ca); // spec D18
  must(!keyUsage || keyUsage.includes('keyCertSign')); // spec D18
  must(!isWeakKey(publicKey)); // spec D18
  must(signatureAlgorithm !== 'unsupported'); // spec D18
  must(from < until); // spec D18
  must(until <= notAfter); // spec D18
  return parsed;
}

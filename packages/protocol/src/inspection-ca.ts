// What an inspection CA must be before anybody is asked to trust it; the same on the device and where it is uploaded. @see spec D18
import { type Certificate, isWeakKey, parseCertificate } from '@windlass/x509';
import { ProtocolError } from './errors.ts';
import type { InspectionCa } from './security-profile.ts';
import { refusedAs } from './x509-errors.ts';

/** The certificate of an inspection CA that may stand in a profile. @throws ProtocolError `inspection-ca` @see spec D18 */
export function checkInspectionCa({ certificate, from, until }: InspectionCa): Certificate {
  const parsed = refusedAs('inspection-ca', () => parseCertificate(certificate));
  const { extensions, publicKey, signatureAlgorithm, notAfter } = parsed;
  const { basicConstraints, keyUsage } = extensions;
  checkCa(basicConstraints?.ca); // spec D18
  checkCa(!keyUsage || keyUsage.includes('keyCertSign')); // spec D18
  checkCa(!isWeakKey(publicKey)); // spec D18
  checkCa(signatureAlgorithm !== 'unsupported'); // spec D18
  checkCa(from < until); // spec D18
  checkCa(until <= notAfter); // spec D18
  return parsed;
}

/** What is said of inspection CAs holds. A function with a statement, which is not copied to each of its calls. @throws ProtocolError `inspection-ca` */
export function checkCa(condition: unknown): void {
  if (!condition) throw new ProtocolError('inspection-ca');
}

// What an inspection CA must be before anybody is asked to trust it; the same on the device and where it is uploaded. @see spec D18
import { type Certificate, parseCertificate } from '@windlass/x509';
import { check } from './errors.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts';
import { isWithin } from './schema.ts';
import type { InspectionCa } from './security-profile.ts';
import { refusedAs } from './x509-errors.ts';

/** The certificate of an inspection CA that may stand in a profile. @throws ProtocolError `inspection-ca` @see spec D18 */
export function checkInspectionCa({ certificate, from, until }: InspectionCa): Certificate {
  const parsed = refusedAs('inspection-ca', () => parseCertificate(certificate));
  const { extensions, publicKey, signatureAlgorithm, notAfter } = parsed;
  const { basicConstraints, keyUsage } = extensions;
  const must = (condition: unknown) => check(condition, 'inspection-ca');
  const { type, bits } = publicKey;
  must(basicConstraints?.ca); // spec D18
  must(!keyUsage || keyUsage.includes('keyCertSign')); // spec D18
  must(type.startsWith('rsa') ? isWithin(bits, MAX_RSA_BITS, MIN_RSA_BITS) : type !== 'other'); // spec D18
  must(signatureAlgorithm !== 'unsupported'); // spec D18
  must(from < until); // spec D18
  must(until <= notAfter); // spec D18
  return parsed;
}

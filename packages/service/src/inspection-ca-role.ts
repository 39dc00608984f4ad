// Whether an inspection CA is a root or was issued by another CA, and what follows for programs that build chains to a root only.
import type { InspectionCaRole } from '@windlass/management';
import { type Certificate, isSelfIssued, isSignedBy, namesEqual } from '@windlass/x509';
import { parseDer } from './certificates.ts';
import type { PublishedCa } from './store/management-ports.ts';

/** A root has its own name as issuer and its own signature. */
export function roleOf(certificate: Certificate): InspectionCaRole {
  return isSelfIssued(certificate) && isSignedBy(certificate, certificate.publicKey) ? 'root' : 'issuing';
}

type WithCertificate = Pick<PublishedCa, 'certificate' | 'subject'>;

/** A warning for each of `cas` that leads to no root among them. */
export function rootWarnings<Ca extends WithCertificate>(cas: readonly Ca[]): ReadonlyMap<Ca, string> {
  const parsed = cas.map((ca) => ({ ca, certificate: parseDer(ca.certificate) }));
  const others = parsed.map(({ certificate }) => certificate);
  const alone = parsed.filter(({ certificate }) => !leadsToRoot(certificate, others));
  return new Map(alone.map(({ ca }) => [ca, sentenceOf(ca)]));
}

function sentenceOf({ subject }: WithCertificate): string {
  return `${subject} is an issuing CA, and the root above it is not registered here: programs that build chains to a root only will not accept it. Add the root too, for the same names, where devices have such programs.`;
}

/** By name and signature, as a client builds its chain. */
function leadsToRoot(certificate: Certificate, others: readonly Certificate[]): boolean {
  const reached = [certificate];
  for (const child of reached) {
    if (roleOf(child) === 'root') return true;
    reached.push(...others.filter((other) => !reached.includes(other) && isIssuer(other, child)));
  }
  return false;
}

function isIssuer({ subject, publicKey }: Certificate, child: Certificate): boolean {
  return namesEqual(subject, child.issuer) && isSignedBy(child, publicKey);
}

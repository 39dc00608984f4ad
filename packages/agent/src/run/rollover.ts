// A box that changes its CA for another one of the same name, as boxes do when they are renewed: between its change and the profile that
// has the new one, what programs see is signed by a key that nobody knows under a name that is trusted.
import { X509Certificate } from 'node:crypto';
import type { ProbeResult } from '../ports.ts';
import { nameText } from '../probes/name-text.ts';
import type { Result } from '../result.ts';

/** An endpoint showed an unknown issuer that has the name of an active inspection CA. */
export function isRollover({ endpoints, inspectionCas }: Pick<Result, 'endpoints' | 'inspectionCas'>): boolean {
  const names = inspectionCas.map(({ certificate }) => nameText(new X509Certificate(certificate.der).subject));
  const isTwin = ({ reason, signedBy }: ProbeResult): boolean =>
    reason === 'unknown-issuer' && signedBy !== null && names.includes(signedBy);
  return endpoints.some(isTwin);
}

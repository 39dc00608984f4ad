// A box that changes its CA for another one of the same name, as boxes do when they are renewed: between its change and the profile that
// has the new one, what programs see is signed by a key that nobody knows under a name that is trusted.
import { nameText } from '../probes/name-text.ts';
import type { Result } from '../result.ts';

/** An endpoint showed an unknown issuer that has the name of an active inspection CA. */
export async function isRollover({
  endpoints,
  inspectionCas,
}: Pick<Result, 'endpoints' | 'inspectionCas'>): Promise<boolean> {
  const strangers = endpoints.filter(({ reason, signedBy }) => reason === 'unknown-issuer' && signedBy !== null);
  if (strangers.length === 0) return false;
  // Who only waits for others to exchange has no use for it.
  const { X509Certificate } = await import('node:crypto');
  const names = inspectionCas.map(({ certificate }) => nameText(new X509Certificate(certificate.der).subject));
  return strangers.some(({ signedBy }) => signedBy !== null && names.includes(signedBy));
}

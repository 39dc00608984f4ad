// Trust for the tests of the transport.
import { type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { parseCertificate } from '@windlass/x509';
import type { TrustedInspectionCa, TrustView } from '../../ports.ts';
import type { Holder } from './pki.ts';

/** Now, in whole seconds. */
export function now(offsetSeconds = 0): UnixSeconds {
  return unixSeconds(Math.floor(Date.now() / 1000) + offsetSeconds);
}

/** A view that trusts these roots and nothing else, with a trusted clock. */
export function trusting(roots: readonly Holder[], more: Partial<TrustView> = {}): TrustView {
  const parsed = roots.map(({ der }) => parseCertificate(der));
  return { roots: parsed, tlsAnchors: [], inspectionCas: [], time: now(), state: 'trusted', ...more };
}

/** An inspection CA for every name, an hour around now. */
export function inspectionCa(holder: Holder, more: Partial<TrustedInspectionCa> = {}): TrustedInspectionCa {
  const certificate = parseCertificate(holder.der);
  return { certificate, permittedNames: ['*'], excludedNames: [], from: now(-3_600), until: now(3_600), ...more };
}

// The judgement that TLS libraries make inside of the handshake, made here: at our time, by roots and inspection CAs within their scope.
import {
  type Certificate,
  isNameInScope,
  parseCertificate,
  trustAnchor,
  validatePath,
  X509Error,
} from '@windlass/x509';
import type { ClockState, Failure, TrustView } from '../ports.ts';

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';

/** Whether the chain holds. `inspectionCa`: the one that it leads to, or null when a root or an own TLS anchor vouches for the peer. */
export interface Judgement {
  /** Null: it holds. */
  readonly failure: Failure | null;
  readonly inspectionCa: Certificate | null;
  /** The path that holds, from the leaf to its anchor; [] where none does. */
  readonly path: readonly (Certificate | undefined)[];
}

/**
 * The judgement over `chain` (DER, leaf first) for the peer `host`, at the time of the view. An inspection CA counts for its permitted
 * names and between its dates, and is nobody beyond; the TLS anchors of `service` count for that name alone. Never throws on any bytes.
 * @see RFC 5280 section 6.1, RFC 9525, spec L6
 */
export function judgeChain(
  [leaf = new Uint8Array(), ...issuers]: readonly Uint8Array[],
  host: string,
  { roots, tlsAnchors, inspectionCas, time }: TrustView,
  service: string,
): Judgement {
  const inForce = inspectionCas
    .filter((ca) => isNameInScope(host, ca) && ca.from <= time && time <= ca.until) // spec L6
    .map(({ certificate }) => certificate);
  const own = host === service ? tlsAnchors : []; // spec L6
  try {
    const { chain, anchor } = validatePath(parseCertificate(leaf), {
      profile: 'webpki-like',
      anchors: [...roots, ...own, ...inForce].map((certificate) => trustAnchor(certificate)),
      intermediates: readable(issuers),
      time,
      serverName: host, // spec L6
      extendedKeyUsage: SERVER_AUTHENTICATION, // spec L6
    });
    const inspectionCa = inForce.find((certificate) => certificate === anchor.certificate) ?? null;
    return { failure: null, inspectionCa, path: [...chain, anchor.certificate] };
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    return { failure: failureOf(error), inspectionCa: null, path: [] };
  }
}

/** The connection may be used although it is not validated. @see spec L2 */
export function isPathForUnvalidatedUse(failure: Failure, clock: ClockState): boolean {
  return failure === 'unknown-issuer' || (isAboutTime(failure) && clock !== 'trusted'); // spec L2
}

/** Another clock might judge otherwise. */
export function isAboutTime(failure: string): boolean {
  return failure === 'expired' || failure === 'not-yet-valid';
}

/** Those that we can read; a path without the others may be good, and nobody is trusted by them. */
export function readable(certificates: readonly Uint8Array[]): readonly Certificate[] {
  return certificates.flatMap((der) => {
    try {
      return [parseCertificate(der)];
    } catch {
      return [];
    }
  });
}

const ALIKE = ['unknown-issuer', 'expired', 'not-yet-valid', 'name-mismatch'] as const;

function failureOf({ code }: X509Error): Failure {
  // Somebody with the name of a trusted CA and another key: nobody we know.
  if (code === 'signature') return 'unknown-issuer';
  return ALIKE.find((name) => name === code) ?? 'certificate';
}

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
export type Judgement =
  | { readonly kind: 'valid'; readonly inspectionCa: Certificate | null }
  | { readonly kind: 'invalid'; readonly failure: Failure };

/**
 * The judgement over `chain` (DER, leaf first) for the peer `host`, at the time of the view. An inspection CA counts for its permitted
 * names and between its dates, and is nobody beyond; the TLS anchors of `service` count for that name alone. Never throws on any bytes.
 * @see RFC 5280 section 6.1, RFC 9525, spec L6
 */
export function judgeChain(chain: readonly Uint8Array[], host: string, trust: TrustView, service: string): Judgement {
  const inspectionCas = trust.inspectionCas
    .filter((ca) => isNameInScope(host, ca)) // spec L6
    .filter(({ from, until }) => from <= trust.time && trust.time <= until) // spec L6
    .map(({ certificate }) => certificate);
  const own = host === service ? trust.serviceTlsAnchors : []; // spec L6
  try {
    const [leaf = new Uint8Array(), ...issuers] = chain;
    const { anchor } = validatePath(parseCertificate(leaf), {
      profile: 'webpki-like',
      anchors: [...trust.roots, ...own, ...inspectionCas].map((certificate) => trustAnchor(certificate)),
      intermediates: issuers.flatMap(parsed),
      time: trust.time,
      serverName: host, // spec L6
      extendedKeyUsage: SERVER_AUTHENTICATION, // spec L6
    });
    return {
      kind: 'valid',
      inspectionCa: inspectionCas.find((certificate) => certificate === anchor.certificate) ?? null,
    };
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    return { kind: 'invalid', failure: failureOf(error) };
  }
}

/** The connection may be used although it is not validated. @see spec L2 */
export function isPathForUnvalidatedUse(failure: Failure, clock: ClockState): boolean {
  const isAboutTime = failure === 'expired' || failure === 'not-yet-valid';
  return failure === 'unknown-issuer' || (isAboutTime && clock !== 'trusted'); // spec L2
}

function failureOf({ code }: X509Error): Failure {
  switch (code) {
    case 'unknown-issuer':
    case 'expired':
    case 'not-yet-valid':
    case 'name-mismatch':
      return code;
    // Somebody with the name of a trusted CA and another key: nobody we know.
    case 'signature':
      return 'unknown-issuer';
    default:
      return 'certificate';
  }
}

/** What a box sends beside the leaf is not always a certificate that we read; a path without it may be good. */
function parsed(der: Uint8Array): readonly Certificate[] {
  try {
    return [parseCertificate(der)];
  } catch {
    return [];
  }
}

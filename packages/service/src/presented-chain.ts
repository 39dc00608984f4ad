// The chain that a device was presented, followed from the leaf upwards by signatures alone. Anybody can write a name into a
// certificate and throw a genuine certificate into a chain; nobody can make the signature of a key that is not theirs.
import { type Certificate, formatName, isSignedBy, namesEqual, parseCertificate, X509Error } from '@windlass/x509';
import { fingerprintOf, keyDigestOf } from './certificates.ts';
import type { NewObservation } from './store/device-ports.ts';

/** How far up the chain leads, and which of the candidates' keys signed it. */
export type ChainWalk =
  | { readonly kind: 'signed'; readonly by: Certificate }
  | { readonly kind: 'unsigned'; readonly top: Certificate };

/** Candidates of one name whose signatures are tried for one certificate: all boxes of a vendor may have the same name. */
export const MAX_CANDIDATES = 256;

/**
 * Who among `candidates` signed the leaf, or a certificate that the leaf leads to; else how far it leads. Names only choose whose
 * signature is tried. @see spec S7
 */
export function walkChain(
  leaf: Certificate,
  others: readonly Certificate[],
  candidates: readonly Certificate[],
): ChainWalk {
  let current = leaf;
  let rest = others;
  for (;;) {
    const by = signerAmong(current, candidates);
    if (by !== null) return { kind: 'signed', by };
    const next = issuerAmong(current, rest);
    if (next === null) return { kind: 'unsigned', top: current };
    rest = rest.filter((other) => other !== next);
    current = next;
  }
}

/** The certificates of a presented chain; one that cannot be read is null. */
export function parsePresented(chain: readonly Uint8Array[]): readonly (Certificate | null)[] {
  return chain.map((der) => {
    try {
      return parseCertificate(der);
    } catch (cause) {
      if (cause instanceof X509Error) return null;
      throw cause;
    }
  });
}

/** What of an observation comes from the chain. */
export type ObservedChain = Pick<NewObservation, 'certificate' | 'fingerprint' | 'topIsCa' | 'issuer' | 'issuerKeyId'>;

/** What is written down of the topmost certificate; of one that cannot be read (null) its bytes alone. @see spec S8 */
export function describeTop(der: Uint8Array, top: Certificate | null): ObservedChain {
  const topIsCa = top !== null && isCa(top);
  const name = topIsCa ? top.subject : top?.issuer;
  const id = topIsCa ? top.extensions.subjectKeyIdentifier : top?.extensions.authorityKeyIdentifier?.keyIdentifier;
  return {
    certificate: der,
    fingerprint: fingerprintOf(der),
    topIsCa,
    issuer: name === undefined ? '' : formatName(name),
    issuerKeyId: id === undefined ? null : Buffer.from(id).toString('hex'),
  };
}

function signerAmong(current: Certificate, candidates: readonly Certificate[]): Certificate | null {
  const named = candidates.filter(({ subject }) => namesEqual(subject, current.issuer));
  for (const candidate of likelyFirst(current, named).slice(0, MAX_CANDIDATES)) {
    if (!isSignedBy(current, candidate.publicKey)) continue; // spec S7
    return candidate;
  }
  return null;
}

function issuerAmong(current: Certificate, rest: readonly Certificate[]): Certificate | null {
  for (const candidate of rest) {
    if (!isCa(candidate)) continue; // spec S7
    if (!isSignedBy(current, candidate.publicKey)) continue; // spec S7
    return candidate;
  }
  return null;
}

/** The order of trying only: those first whose key identifier the certificate names; each key once. */
function likelyFirst(current: Certificate, candidates: readonly Certificate[]): readonly Certificate[] {
  const wanted = current.extensions.authorityKeyIdentifier?.keyIdentifier;
  const isWanted = ({ extensions }: Certificate) =>
    wanted !== undefined && Buffer.compare(wanted, extensions.subjectKeyIdentifier ?? Buffer.alloc(0)) === 0;
  const each = [...new Map(candidates.map((candidate) => [keyDigestOf(candidate), candidate])).values()];
  return [...each.filter(isWanted), ...each.filter((candidate) => !isWanted(candidate))];
}

/** Version 1 has no extensions; what it presents as an issuer is none. */
function isCa({ extensions }: Certificate): boolean {
  return extensions.basicConstraints?.ca === true;
}

// One step of the search: whether an anchor or an intermediate may stand above a partial path.

import type { Budget } from './budget.ts';
import { type Certificate, isSelfIssued, namesOtherKey } from './certificate.ts';
import { type CaPlace, checkIssuer, checkValidity, type LeafRequirements } from './checks.ts';
import { refuse, type X509Error } from './errors.ts';
import { checkNameConstraints } from './name-constraints.ts';
import { isWeakKey, type PublicKey } from './public-key.ts';
import { isSignedBy } from './signature.ts';
import { checkAnchorScope, type TrustAnchor, trustAnchor } from './trust-anchor.ts';

/** What a path must be. */
export interface PathOptions extends LeafRequirements {
  readonly anchors: readonly TrustAnchor[];
  /** Certificates that may stand between, in any order, also useless ones. */
  readonly intermediates: readonly Certificate[];
  /** Most intermediates that are not self-issued; default 8. */
  readonly maxIntermediates?: number | undefined;
  /** Whether each certificate is revoked, see `crlRevocation`; without it nobody asks. */
  readonly revocation?: RevocationCheck | undefined;
  /** What the validation may cost; default one of its own, see `createBudget`. */
  readonly budget?: Budget | undefined;
}

/**
 * Nothing happens when the certificate is not revoked by its issuer.
 * @throws X509Error `revoked`, or `revocation-unknown`
 */
export type RevocationCheck = (certificate: Certificate, issuing: Issuing) => void;

/** Where in a path revocation is asked for. */
export interface Issuing extends Pick<PathOptions, 'intermediates' | 'profile' | 'time'> {
  /** The key made the certificate's signature; its own certificate is there unless it is that of a bare anchor. */
  readonly issuer: TrustAnchor;
  /** Where the path ends. */
  readonly anchor: TrustAnchor;
  /** Of the validation that asks: what is verified for it is on its account. */
  readonly budget: Budget;
}

/** One validation: what is asked, what was spent, what was found wrong so far. */
export interface Search {
  readonly options: PathOptions;
  readonly intermediates: readonly Certificate[];
  readonly budget: Budget;
  readonly verified: Map<Certificate, Map<PublicKey, boolean>>;
  best?: X509Error;
}

/** A path in which everything holds. */
export interface ValidatedPath {
  readonly leaf: Certificate;
  /** The leaf first, then each certificate that issued the one before; the anchor is not in it. */
  readonly chain: readonly Certificate[];
  readonly anchor: TrustAnchor;
}

/** Certificates that issued each other, from the leaf up to the top. */
export interface PartialPath {
  readonly leaf: Certificate;
  readonly top: Certificate;
  /** All of them, the leaf first. */
  readonly chain: readonly Certificate[];
}

/** Most intermediates of a path unless the options say otherwise. */
export const DEFAULT_MAX_INTERMEDIATES = 8;

/**
 * Nothing happens when the issuer (an intermediate is given as an anchor without a scope) may stand above the path.
 * @throws X509Error
 */
export function checkStep(search: Search, path: PartialPath, issuer: TrustAnchor, place: CaPlace): void {
  const { options, budget } = search;
  const { leaf, top } = path;
  const { time } = options;
  const { certificate } = issuer;
  budget.step();
  checkSignature(search, top, issuer);
  checkValidity(issuer, time, certificate);
  if (certificate) {
    checkIssuer(certificate, place, options, leaf);
    checkConstraints(search, path, certificate, place);
  }
  checkAnchorScope(issuer, leaf, options.serverName);
}

/** Nothing happens when no certificate of the path is revoked. @throws X509Error `revoked`, `revocation-unknown`, `budget` */
export function checkRevocation({ options, budget }: Search, { chain, anchor }: ValidatedPath): void {
  for (const [i, certificate] of chain.entries()) {
    const above = chain[i + 1];
    const issuer = above ? trustAnchor(above) : anchor;
    options.revocation?.(certificate, { ...options, issuer, anchor, budget });
  }
}

/** True when the key signed the certificate; each pair costs one verification, however many paths hold it. */
export function isSigned({ verified, budget }: Search, child: Certificate, key: PublicKey): boolean {
  const known = verified.get(child) ?? new Map<PublicKey, boolean>();
  verified.set(child, known);
  if (!known.has(key)) {
    budget.signature();
    known.set(key, isSignedBy(child, key));
  }
  return known.get(key) === true;
}

function checkSignature(search: Search, child: Certificate, { publicKey, certificate }: TrustAnchor): void {
  if (child.signatureAlgorithm === 'unsupported') refuse('algorithm', child);
  if (isWeakKey(publicKey)) refuse('weak-key', certificate);
  if (isSigned(search, child, publicKey)) return;
  refuse(namesOtherKey(child, certificate?.extensions.subjectKeyIdentifier) ? 'unknown-issuer' : 'signature', child);
}

/** What an issuer demands of everything below it: path length (RFC 5280 §6.1.4 l, m), policies, names (§6.1.3 b, c). */
function checkConstraints(search: Search, { chain }: PartialPath, ca: Certificate, place: CaPlace): void {
  const { options, budget } = search;
  const { maxIntermediates = DEFAULT_MAX_INTERMEDIATES, profile } = options;
  const { basicConstraints, nameConstraints, policyConstraints } = ca.extensions;
  const below = intermediatesOf(chain);
  const isTooLong = place === 'intermediate' && intermediatesOf([...chain, ca]) > maxIntermediates;
  if (isTooLong || below > (basicConstraints?.pathLength ?? chain.length)) refuse('path-length', ca);
  // Policies are not processed here: who demands one before the path ends is refused (§6.1.4 h, i, §6.1.5 a).
  if ((policyConstraints?.requireExplicitPolicy ?? Number.POSITIVE_INFINITY) <= below + 1)
    refuse('policy-required', ca);
  if (!nameConstraints) return;
  const forms = profile === 'strict' ? profile : 'lenient';
  for (const [i, certificate] of chain.entries()) {
    // Self-issued certificates are exempt, except as the last one.
    if (i === 0 || !isSelfIssued(certificate)) {
      checkNameConstraints(nameConstraints, certificate, { forms, spend: budget.name });
    }
  }
}

/** How many certificates after the leaf are not self-issued. */
function intermediatesOf([, ...issuers]: readonly Certificate[]): number {
  return issuers.filter((certificate) => !isSelfIssued(certificate)).length;
}

// One step of the search: whether an anchor or an intermediate may stand above a partial path.

import type { Budget } from './budget.ts';
import { type Certificate, isSelfIssued, namesOtherKey } from './certificate.ts';
import { checkIssuer, checkValidity, type LeafRequirements } from './checks.ts';
import type { Crl } from './crl.ts';
import { refuse, X509Error } from './errors.ts';
import { checkNameConstraints } from './name-constraints.ts';
import { isWeakKey, type PublicKey } from './public-key.ts';
import { checkRevocation } from './revocation.ts';
import { isSignedBy } from './signature.ts';
import { checkAnchorScope, type TrustAnchor } from './trust-anchor.ts';

/** What a path must be. */
export interface PathOptions extends LeafRequirements {
  readonly anchors: readonly TrustAnchor[];
  /** Certificates that may stand between, in any order, also useless ones. */
  readonly intermediates: readonly Certificate[];
  /** Most intermediates that are not self-issued; default 8. */
  readonly maxIntermediates?: number | undefined;
  /** Complete, direct CRLs. A certificate whose issuer has one is checked against it. */
  readonly crls?: readonly Crl[] | undefined;
  /** `every-certificate`: having no CRL is `revocation-unknown`; default `where-listed`: it is let pass. */
  readonly revocation?: 'where-listed' | 'every-certificate' | undefined;
}

/** One validation: what is asked, what was spent, what was found wrong so far. */
export interface Search {
  readonly options: PathOptions;
  readonly intermediates: readonly Certificate[];
  readonly budget: Budget;
  readonly verified: Map<Certificate, Map<PublicKey, boolean>>;
  best?: X509Error;
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
 * Nothing happens when the anchor closes the path.
 * @throws X509Error
 */
export function checkAnchor(search: Search, anchor: TrustAnchor, path: PartialPath): void {
  const { certificate, publicKey } = anchor;
  search.budget.step();
  checkSignature(search, path.top, publicKey, certificate);
  checkValidity(anchor, search.options.time, certificate);
  if (certificate !== undefined) {
    checkIssuer(certificate, 'anchor', search.options, path.leaf);
    checkConstraints(search, certificate, path);
  }
  checkRevoked(search, path.top, publicKey, certificate);
  checkAnchorScope(anchor, path.leaf, search.options.serverName);
}

/**
 * Nothing happens when the CA may stand above the path.
 * @throws X509Error
 */
export function checkIntermediate(search: Search, ca: Certificate, path: PartialPath): void {
  const { maxIntermediates = DEFAULT_MAX_INTERMEDIATES } = search.options;
  search.budget.step();
  checkSignature(search, path.top, ca.publicKey, ca);
  checkIssuer(ca, 'intermediate', search.options, path.leaf);
  if (intermediatesOf([...path.chain, ca]) > maxIntermediates) {
    refuse('path-length', 'The path is longer than allowed.', ca);
  }
  checkConstraints(search, ca, path);
  checkRevoked(search, path.top, ca.publicKey, ca);
}

/** True when the key signed the certificate; each pair costs one verification, however many paths hold it. */
export function isSigned(search: Search, child: Certificate, key: PublicKey): boolean {
  const known = search.verified.get(child) ?? new Map<PublicKey, boolean>();
  search.verified.set(child, known);
  let signed = known.get(key);
  if (signed === undefined) {
    search.budget.signature();
    signed = isSignedBy(child, key);
    known.set(key, signed);
  }
  return signed;
}

/** The refusal of a certificate that nobody known issued. */
export function unknownIssuer(certificate: Certificate): X509Error {
  return new X509Error('unknown-issuer', 'No trusted CA issued the certificate.', certificate);
}

function checkSignature(search: Search, child: Certificate, key: PublicKey, issuer: Certificate | undefined): void {
  if (child.signatureAlgorithm === 'unsupported') {
    refuse('algorithm', 'The signature algorithm is not accepted.', child);
  }
  if (isWeakKey(key)) refuse('weak-key', 'The key is too weak, or of a kind not accepted.', issuer);
  if (isSigned(search, child, key)) return;
  if (namesOtherKey(child, issuer?.extensions.subjectKeyIdentifier)) throw unknownIssuer(child);
  refuse('signature', 'No issuer of this name made the signature.', child);
}

/** What an issuer demands of everything below it: path length (RFC 5280 §6.1.4 l, m) and names (§6.1.3 b, c). */
function checkConstraints(search: Search, ca: Certificate, { chain }: PartialPath): void {
  const { basicConstraints, nameConstraints } = ca.extensions;
  if (intermediatesOf(chain) > (basicConstraints?.pathLength ?? Number.POSITIVE_INFINITY)) {
    refuse('path-length', 'The CA allows fewer CAs below it.', ca);
  }
  if (nameConstraints === undefined) return;
  const forms = search.options.profile === 'strict' ? 'strict' : 'lenient';
  for (const [i, certificate] of chain.entries()) {
    // Self-issued certificates are exempt, except as the last one.
    if (i > 0 && isSelfIssued(certificate)) continue;
    checkNameConstraints(nameConstraints, certificate, { forms, spend: search.budget.name });
  }
}

/** How many certificates after the leaf are not self-issued. */
function intermediatesOf(chain: readonly Certificate[]): number {
  return chain.filter((certificate, i) => i > 0 && !isSelfIssued(certificate)).length;
}

function checkRevoked(search: Search, child: Certificate, key: PublicKey, issuer: Certificate | undefined): void {
  const { crls = [], revocation = 'where-listed', time } = search.options;
  checkRevocation(child, { crls, revocation, time, key, issuer, spend: search.budget.signature });
}

// Path building and validation in one depth-first search from the leaf towards the anchors (RFC 5280 §6.1, RFC 4158).

import { createBudget } from './budget.ts';
import { equalBytes } from './bytes.ts';
import { type Certificate, namesOtherKey } from './certificate.ts';
import { checkLeaf } from './checks.ts';
import { X509Error, type X509ErrorCode } from './errors.ts';
import { type Name, namesEqual } from './name.ts';
import {
  checkAnchor,
  checkIntermediate,
  isSigned,
  type PartialPath,
  type PathOptions,
  type Search,
  unknownIssuer,
} from './path-step.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** A path in which everything holds. */
export interface ValidatedPath {
  readonly leaf: Certificate;
  /** The leaf first, then each certificate that issued the one before; the anchor is not in it. */
  readonly chain: readonly Certificate[];
  readonly anchor: TrustAnchor;
}

/**
 * A path from the leaf to an anchor in which everything holds, at `time` (Unix seconds; fractions are cut).
 *
 * Of several paths the first good one is taken; when none is, the error is the first of those that say most. Without any
 * connection by name and signature it is `unknown-issuer` (or `signature`, when an issuer of that name was there and no
 * key identifier said that it is another one). What is wrong with the leaf itself shows only once an anchor is reached.
 * @throws X509Error
 * @see RFC 5280 §6.1
 */
export function validatePath(leaf: Certificate, options: PathOptions): ValidatedPath {
  if (!Number.isFinite(options.time)) throw new RangeError('The time of a validation must be a number of seconds.');
  const search: Search = {
    options: { ...options, time: Math.floor(options.time) },
    intermediates: withoutDoubles(options.intermediates),
    budget: createBudget(),
    verified: new Map(),
  };
  const path = extend(search, { leaf, top: leaf, chain: [leaf] });
  if (path === undefined) throw explain(search, leaf);
  return path;
}

/** Depth first: one certificate further up, until an anchor closes the path. */
function extend(search: Search, path: PartialPath): ValidatedPath | undefined {
  const { leaf, top, chain } = path;
  for (const anchor of named(top.issuer, search.options.anchors)) {
    if (!attempt(search, () => checkAnchor(search, anchor, path))) continue;
    // Other paths do not change what the leaf itself is.
    checkLeaf(leaf, search.options);
    return { leaf, chain, anchor };
  }
  for (const ca of preferred(top, named(top.issuer, search.intermediates))) {
    if (chain.some((used) => isSameEntity(used, ca))) continue;
    if (!attempt(search, () => checkIntermediate(search, ca, path))) continue;
    const found = extend(search, { leaf, top: ca, chain: [...chain, ca] });
    if (found !== undefined) return found;
  }
  return undefined;
}

function named<T extends { readonly subject: Name }>(name: Name, candidates: readonly T[]): readonly T[] {
  return candidates.filter(({ subject }) => namesEqual(subject, name));
}

/** Those whose key identifier does not say that they are another one come first; it is a hint, never a reason. */
function preferred(child: Certificate, candidates: readonly Certificate[]): readonly Certificate[] {
  const isOther = ({ extensions }: Certificate) => namesOtherKey(child, extensions.subjectKeyIdentifier);
  return [...candidates.filter((ca) => !isOther(ca)), ...candidates.filter(isOther)];
}

/** True when the checks pass; else their error is kept if it says more than the one known. */
function attempt(search: Search, checks: () => void): boolean {
  try {
    checks();
    return true;
  } catch (error) {
    if (!(error instanceof X509Error) || error.code === 'budget') throw error;
    if (search.best === undefined || weight(error.code) > weight(search.best.code)) search.best = error;
    return false;
  }
}

/** How much a code says: that nobody signed it least. */
function weight(code: X509ErrorCode): number {
  if (code === 'unknown-issuer') return 0;
  return code === 'signature' ? 1 : 2;
}

/** The best error, unless names and signatures alone do not connect the leaf with any anchor. */
function explain(search: Search, leaf: Certificate): X509Error {
  const { best } = search;
  if (best === undefined) return unknownIssuer(leaf);
  const isFinal = weight(best.code) < 2 || best.code === 'algorithm' || best.code === 'weak-key';
  return isFinal || isConnected(search, leaf) ? best : unknownIssuer(leaf);
}

/** Whether names and signatures alone lead from the leaf to an anchor; every certificate is visited once. */
function isConnected(search: Search, leaf: Certificate): boolean {
  const reached = [leaf];
  for (const child of reached) {
    const isIssuer = ({ publicKey }: TrustAnchor | Certificate) => isSigned(search, child, publicKey);
    if (named(child.issuer, search.options.anchors).some(isIssuer)) return true;
    const issuers = named(child.issuer, search.intermediates).filter(isIssuer);
    reached.push(...issuers.filter((ca) => !reached.includes(ca)));
  }
  return false;
}

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return equalBytes(a.publicKey.der, b.publicKey.der) && namesEqual(a.subject, b.subject);
}

function withoutDoubles(certificates: readonly Certificate[]): readonly Certificate[] {
  return certificates.filter((one, i) => certificates.findIndex((other) => equalBytes(one.der, other.der)) === i);
}

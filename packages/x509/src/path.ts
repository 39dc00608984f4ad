// Path building and validation in one depth-first search from the leaf towards the anchors (RFC 5280 §6.1, RFC 4158).

import { createBudget } from './budget.ts';
import { equalBytes, toHex } from './bytes.ts';
import { type Certificate, namesOtherKey } from './certificate.ts';
import { checkLeaf } from './checks.ts';
import { refuse, X509Error, type X509ErrorCode } from './errors.ts';
import { type Name, namesEqual } from './name.ts';
import {
  checkRevocation,
  checkStep,
  isSigned,
  type PartialPath,
  type PathOptions,
  type Search,
  type ValidatedPath,
} from './path-step.ts';
import { type TrustAnchor, trustAnchor } from './trust-anchor.ts';

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
  if (!Number.isFinite(options.time)) throw new RangeError('Give a time.');
  const search: Search = {
    options: { ...options, time: Math.floor(options.time) },
    intermediates: withoutDoubles(options.intermediates),
    budget: options.budget ?? createBudget(),
    verified: new Map(),
  };
  return extend(search, { leaf, top: leaf, chain: [leaf] }) ?? explain(search, leaf);
}

/** Depth first: one certificate further up, until an anchor closes the path. */
function extend(search: Search, path: PartialPath): ValidatedPath | undefined {
  const { leaf, top, chain } = path;
  const { options, intermediates } = search;
  for (const anchor of named(top.issuer, options.anchors)) {
    if (!holds(search, () => checkStep(search, path, anchor, 'anchor'))) continue;
    // Other paths do not change what the leaf itself is.
    checkLeaf(leaf, options);
    const found = { leaf, chain, anchor };
    if (holds(search, () => checkRevocation(search, found))) return found;
  }
  for (const ca of preferred(top, named(top.issuer, intermediates))) {
    if (chain.some((used) => isSameEntity(used, ca))) continue;
    if (!holds(search, () => checkStep(search, path, trustAnchor(ca), 'intermediate'))) continue;
    const found = extend(search, { leaf, top: ca, chain: [...chain, ca] });
    if (found) return found;
  }
  return undefined;
}

function named<T extends { readonly subject: Name }>(name: Name, candidates: readonly T[]): readonly T[] {
  return candidates.filter(({ subject }) => namesEqual(subject, name));
}

/** Those whose key identifier does not say that they are another one come first; it is a hint, never a reason. */
function preferred(child: Certificate, candidates: readonly Certificate[]): readonly Certificate[] {
  const rank = ({ extensions }: Certificate) => Number(namesOtherKey(child, extensions.subjectKeyIdentifier));
  return [...candidates].sort((a, b) => rank(a) - rank(b));
}

/** True when the check passes; else its error is kept if it says more than the one known. */
function holds(search: Search, check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (!(error instanceof X509Error) || error.code === 'budget') throw error;
    if (!search.best || weight(error.code) > weight(search.best.code)) search.best = error;
    return false;
  }
}

/** What says least, in this order: that nobody signed it, or nobody who can be checked. */
const SAYS_LITTLE: readonly X509ErrorCode[] = ['unknown-issuer', 'signature', 'algorithm', 'weak-key'];

function weight(code: X509ErrorCode): number {
  const rank = SAYS_LITTLE.indexOf(code);
  return rank < 0 ? SAYS_LITTLE.length : rank;
}

/** Throws the best error, unless names and signatures alone do not connect the leaf with any anchor. */
function explain(search: Search, leaf: Certificate): never {
  const { best } = search;
  if (best && (weight(best.code) < SAYS_LITTLE.length || isConnected(search, leaf))) throw best;
  refuse('unknown-issuer', leaf);
}

/** Whether names and signatures alone lead from the leaf to an anchor; every certificate is visited once. */
function isConnected(search: Search, leaf: Certificate): boolean {
  const { options, intermediates } = search;
  const reached = [leaf];
  for (const child of reached) {
    const isIssuer = ({ publicKey }: TrustAnchor | Certificate) => isSigned(search, child, publicKey);
    if (named(child.issuer, options.anchors).some(isIssuer)) return true;
    const issuers = named(child.issuer, intermediates).filter(isIssuer);
    reached.push(...issuers.filter((ca) => !reached.includes(ca)));
  }
  return false;
}

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return equalBytes(a.publicKey.der, b.publicKey.der) && namesEqual(a.subject, b.subject);
}

function withoutDoubles(certificates: readonly Certificate[]): readonly Certificate[] {
  if (certificates.length < 2) return certificates;
  return [...new Map(certificates.map((one) => [toHex(one.der), one])).values()];
}

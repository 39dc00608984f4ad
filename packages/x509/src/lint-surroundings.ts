// What a lint finds in a CA beside others: those of the same upload, and those that are registered.

import { equalBytes } from './bytes.ts';
import { type Certificate, isSelfIssued, namesOtherKey } from './certificate.ts';
import { info, type LintContext, type LintFinding, warning } from './lint-finding.ts';
import { namesEqual } from './name.ts';
import { isSignedBy } from './signature.ts';

/** Findings about the CA in this company. */
export function* surroundingFindings(
  ca: Certificate,
  { bundle = [], registered = [] }: LintContext,
): Generator<LintFinding> {
  const isKnown = (other: Certificate) => equalBytes(other.der, ca.der);
  if (!hasRoot(ca, [...bundle, ...registered])) {
    yield warning(
      'issuing-ca-without-root',
      'This CA was issued by another that is not here, and many runtimes trust no chain without its root: register the root too.',
    );
  }
  const issued = [...bundle, ...registered].filter((other) => isIssuer(ca, other) && !isKnown(other));
  if (
    ca.extensions.basicConstraints?.pathLength === 0 &&
    issued.some(({ extensions }) => extensions.basicConstraints?.ca)
  ) {
    yield warning(
      'path-length',
      'This CA issued another CA that is here, although its path length allows none: chains through that one fail.',
    );
  }
  const issuers = [...bundle, ...registered].filter((other) => isIssuer(other, ca));
  if (issuers.some(({ extensions }) => namesOtherKey(ca, extensions.subjectKeyIdentifier))) {
    yield warning(
      'key-identifier-mismatch',
      'The authority key identifier is not the one of the CA that issued this one: many clients will not find the chain.',
    );
  }
  const others = registered.filter((other) => !isKnown(other));
  const isSameKey = (other: Certificate) => equalBytes(other.publicKey.der, ca.publicKey.der);
  if (others.some((other) => namesEqual(other.subject, ca.subject) && !isSameKey(other))) {
    yield warning(
      'same-subject',
      'A registered CA has the same subject and another key: some runtimes pick the wrong one, so give successors a name of their own.',
    );
  }
  if (others.some(isSameKey))
    yield info('same-key', 'A registered CA has the same key: this is a renewal, or the same CA in another form.');
}

/** Whether issuers of the right name and key lead up to a self-issued certificate. */
function hasRoot(ca: Certificate, others: readonly Certificate[]): boolean {
  const reached = [ca];
  for (const child of reached) {
    if (isSelfIssued(child)) return true;
    reached.push(...others.filter((other) => !reached.includes(other) && isIssuer(other, child)));
  }
  return false;
}

/** By name and key. */
function isIssuer({ subject, publicKey }: Certificate, child: Certificate): boolean {
  return namesEqual(subject, child.issuer) && isSignedBy(child, publicKey);
}

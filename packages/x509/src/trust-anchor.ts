// Trust anchors: a name and a key trusted a priori, with what limits the trust.

import type { Certificate } from './certificate.ts';
import { refuse } from './errors.ts';
import { formatIp } from './ip.ts';
import type { Name } from './name.ts';
import type { PublicKey } from './public-key.ts';
import { isNameInScope, type NameScope } from './server-name.ts';

/**
 * A name and key trusted a priori. Times and names limit it; so does `certificate`, when present: it must then be a sound
 * CA, and its path length, name constraints, purposes and unknown critical extensions count (its validity does not, only
 * `notBefore` and `notAfter` here do).
 */
export interface TrustAnchor extends NameScope {
  readonly subject: Name;
  readonly publicKey: PublicKey;
  /** Unix seconds, inclusive. */
  readonly notBefore?: number | undefined;
  /** Unix seconds, inclusive. */
  readonly notAfter?: number | undefined;
  readonly certificate?: Certificate | undefined;
}

/** What narrows a trust anchor. */
export type AnchorConstraints = Pick<TrustAnchor, 'notBefore' | 'notAfter' | 'permittedNames' | 'excludedNames'>;

/** An anchor of the certificate's subject and key; its validity is the certificate's unless other times are given. */
export function trustAnchor(certificate: Certificate, constraints: AnchorConstraints = {}): TrustAnchor {
  const { subject, publicKey } = certificate;
  const {
    notBefore = certificate.notBefore,
    notAfter = certificate.notAfter,
    permittedNames,
    excludedNames,
  } = constraints;
  return { subject, publicKey, notBefore, notAfter, permittedNames, excludedNames, certificate };
}

/**
 * Nothing happens when the anchor's scope holds the name asked for or, when none is, every host name and address of the
 * leaf. With a name asked for, the leaf's other names do not count: inspecting proxies copy all names of the origin.
 * @throws X509Error `name-constraints`
 */
export function checkAnchorScope(anchor: TrustAnchor, leaf: Certificate, serverName: string | undefined): void {
  if (!anchor.permittedNames && !anchor.excludedNames) return;
  const names = serverName === undefined ? namesOf(leaf) : [serverName];
  if (names.length === 0 || !names.every((name) => isNameInScope(name, anchor))) refuse('name-constraints', leaf);
}

/** Wildcards count as a name below their parent; addresses are in the text that scopes are written in. */
function namesOf({ extensions }: Certificate): readonly string[] {
  return (extensions.subjectAltName ?? []).flatMap(({ kind, value }) => {
    if (kind === 'dns') return [value.replace(/^\*\./, 'a.')];
    return kind === 'ip' ? [formatIp(value)] : [];
  });
}

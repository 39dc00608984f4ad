// Which profile a claimed device gets: pure policy. The network selects, the organization authorises. @see spec S7
import type { Digest, NetworkId, UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { keyDigestOf } from './certificates.ts';
import { describeTop, type ObservedChain, parsePresented, walkChain } from './presented-chain.ts';
import type { StoredInspectionCa, StoredProfile } from './store/ports.ts';

/** What is known when a profile is selected. */
export interface SelectionFacts {
  /** As the device sent it, leaf first; empty when it saw none. */
  readonly presentedChain: readonly Uint8Array[];
  /** The current profiles of the claim's organization. */
  readonly profiles: readonly StoredProfile[];
  /** The network that the device is assigned to. */
  readonly assigned: NetworkId | null;
  /** SHA-256 of the SPKI of each certificate that the service itself shows. */
  readonly ownKeys: ReadonlySet<Digest>;
  readonly now: UnixSeconds;
  /** The certificate of DER that was checked before it was stored. */
  readonly certificateOf: (der: Uint8Array) => Certificate;
}

/** What the facts lead to. */
export type Selection =
  /** An inspection CA of this profile signed what was presented, or nothing was presented and this is the assigned network's. */
  | { readonly kind: 'granted'; readonly profile: StoredProfile }
  /** The service's own TLS key was presented; the assigned network's profile, if it has one. */
  | { readonly kind: 'not-inspected'; readonly profile: StoredProfile | null }
  /** Nobody's CA that the owner published signed what was presented. Without a chain there is nothing to be observed. */
  | { readonly kind: 'awaiting-approval'; readonly observed: ObservedChain | null };

/** The selection that rule S7 asks for. */
export function selectProfile(facts: SelectionFacts): Selection {
  const assigned = facts.profiles.find(({ network }) => network === facts.assigned) ?? null;
  const [leafDer] = facts.presentedChain;
  if (leafDer === undefined) {
    return assigned === null ? { kind: 'awaiting-approval', observed: null } : { kind: 'granted', profile: assigned };
  }
  const [leaf = null, ...others] = parsePresented(facts.presentedChain);
  if (leaf === null) return { kind: 'awaiting-approval', observed: describeTop(leafDer, null) };
  const walk = walkChain(leaf, others.filter(isReadable), activeCas(facts));
  if (walk.kind === 'signed') return { kind: 'granted', profile: profileWith(walk.by, facts, assigned) };
  if (facts.ownKeys.has(keyDigestOf(leaf))) return { kind: 'not-inspected', profile: assigned }; // spec S7
  return { kind: 'awaiting-approval', observed: describeTop(walk.top.der, walk.top) };
}

function isReadable(certificate: Certificate | null): certificate is Certificate {
  return certificate !== null;
}

function activeCas({ profiles, now, certificateOf }: SelectionFacts): readonly Certificate[] {
  const active = profiles.flatMap(({ inspectionCas }) => inspectionCas.filter((ca) => isActive(ca, now)));
  return active.map(({ certificate }) => certificateOf(certificate));
}

function isActive({ from, until }: StoredInspectionCa, now: UnixSeconds): boolean {
  return from <= now && now <= until;
}

/** Two networks may share a proxy: then the assigned one is meant, else the first by name. */
function profileWith(ca: Certificate, facts: SelectionFacts, assigned: StoredProfile | null): StoredProfile {
  const key = keyDigestOf(ca);
  const hasKey = (other: StoredInspectionCa) =>
    isActive(other, facts.now) && keyDigestOf(facts.certificateOf(other.certificate)) === key;
  const fitting = facts.profiles.filter(({ inspectionCas }) => inspectionCas.some(hasKey));
  const [first] = [...fitting].sort((a, b) => (a.network < b.network ? -1 : 1));
  const chosen = assigned !== null && fitting.includes(assigned) ? assigned : first;
  if (chosen === undefined) throw new Error('An inspection CA signed the chain and is in no profile.');
  return chosen;
}

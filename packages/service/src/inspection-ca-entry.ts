// An inspection CA as people see it: its state, what it follows, and how a fingerprint leads to it.
import type { InspectionCaEntry, InspectionCaState } from '@windlass/management';
import { type Digest, digestOf, formatTime, type UnixSeconds } from '@windlass/protocol';
import { canonicalJson } from './audit.ts';
import { normalizeFingerprint, pemOf } from './certificates.ts';
import { wordsOf } from './fingerprint-words.ts';
import { rootWarnings } from './inspection-ca-role.ts';
import { summaryOf } from './profile-content.ts';
import { Refusal } from './refusal.ts';
import type { NetworkKey, PublishedCa, StoredInspectionCa } from './store/management-ports.ts';

/** What became of it until `now`. */
export function stateOf(ca: StoredInspectionCa, now: UnixSeconds): InspectionCaState {
  if (ca.revoked !== null) return 'revoked';
  if (ca.retired !== null) return isOnDevices(ca) ? 'retiring' : 'retired';
  if (ca.until <= now) return 'expired';
  if (ca.approved === null) return 'draft';
  return ca.publishedSequence === null ? 'approved' : 'active';
}

/** It was published, and devices were not told yet to drop it. */
export function isOnDevices({ publishedSequence, retiredSequence }: StoredInspectionCa): boolean {
  return publishedSequence !== null && retiredSequence === null;
}

/** The entries of `some`, in their order; `all`: those of the same network. */
export function entriesOf(
  some: readonly StoredInspectionCa[],
  all: readonly StoredInspectionCa[],
  now: UnixSeconds,
): InspectionCaEntry[] {
  const fingerprints = new Map(all.map(({ id, fingerprint }) => [id, fingerprint]));
  const withoutRoot = rootWarnings(current(all, now));
  return some.map((stored) => {
    const warning = withoutRoot.get(stored);
    return {
      ...factsOf(stored),
      state: stateOf(stored, now),
      predecessor: fingerprints.get(stored.predecessor ?? 0) ?? null,
      successor: theOne(all.filter(({ predecessor }) => predecessor === stored.id))?.fingerprint ?? null,
      warnings: [...stored.warnings, ...(warning === undefined ? [] : [warning])],
    };
  });
}

/** The entry of the one with this id, among all of its network. */
export function entryOf(id: number, all: readonly StoredInspectionCa[], now: UnixSeconds): InspectionCaEntry {
  const [entry] = entriesOf(
    all.filter((ca) => ca.id === id),
    all,
    now,
  );
  if (entry === undefined) throw new Error(`There is no inspection CA ${id}.`);
  return entry;
}

function factsOf(stored: StoredInspectionCa) {
  const { fingerprint, subject, keyDigest, role, permittedNames, excludedNames } = stored;
  return {
    fingerprint,
    words: wordsOf(stored.certificate),
    subject,
    role,
    keyDigest,
    notAfter: formatTime(stored.notAfter),
    from: formatTime(stored.from),
    until: formatTime(stored.until),
    permittedNames: [...permittedNames],
    excludedNames: [...excludedNames],
    content: contentOf(stored),
    added: formatTime(stored.added),
    approved: stored.approved === null ? null : formatTime(stored.approved),
    published: stored.publishedSequence,
    dropped: stored.retiredSequence,
    certificate: pemOf(stored.certificate),
  };
}

/** SHA-256 of what an approver decides about: which certificate, for which names, from when until when. */
export function contentOf(ca: PublishedCa): Digest {
  return digestOf(canonicalJson(summaryOf(ca)));
}

/** Those that are, or may become, part of a profile. */
export function current(all: readonly StoredInspectionCa[], now: UnixSeconds): readonly StoredInspectionCa[] {
  return all.filter(({ retired, until }) => retired === null && until > now);
}

/** The CA of the network with this fingerprint: the one that has not ended, else the last. @throws Refusal `not-found` */
export function findByFingerprint(
  all: readonly StoredInspectionCa[],
  { network }: NetworkKey,
  text: string,
): StoredInspectionCa {
  const fingerprint = normalizeFingerprint(text);
  const found = theOne(all.filter((ca) => ca.fingerprint === fingerprint));
  if (found !== undefined) return found;
  throw new Refusal(
    'not-found',
    `Network ${network} has no inspection CA with this fingerprint: list them, and check it.`,
  );
}

function theOne(same: readonly StoredInspectionCa[]): StoredInspectionCa | undefined {
  return same.find(({ retired }) => retired === null) ?? same.at(-1);
}

/** How the audit names it. */
export function objectOf({ organization, network, fingerprint }: StoredInspectionCa): string {
  return `inspection CA ${organization}/${network}/${fingerprint}`;
}

/** What the audit keeps of it. */
export function detailOf(stored: StoredInspectionCa): Record<string, unknown> {
  const { subject, keyDigest, permittedNames, excludedNames, from, until, warnings } = stored;
  const times = { from: formatTime(from), until: formatTime(until) };
  return { subject, keyDigest, permittedNames, excludedNames, ...times, warnings };
}

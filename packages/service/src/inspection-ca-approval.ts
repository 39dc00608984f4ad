// Who lets an inspection CA in: an approver, with the fingerprint that somebody confirmed to them by another way than this service. Nothing
// that is published, by whatever path, has a CA without that. @see spec S24
import type { InspectionCaEntry } from '@windlass/management';
import { parseDer } from './certificates.ts';
import { type Confirmation, refuseOtherFingerprint } from './fingerprint-words.ts';
import { contentOf, entryOf, findByFingerprint, objectOf, stateOf } from './inspection-ca-entry.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf, type InNetwork } from './networks.ts';
import { refuseHostileKey } from './observed-keys.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables, NewInspectionCa, PublishedCa, StoredInspectionCa } from './store/management-ports.ts';

/**
 * The draft goes with the next publication of its network.
 * @throws Refusal `not-found`, `already-approved`, `already-retired`, `time-refused` (it ended), `stale-draft` (not as expected),
 * `invalid-request` (not one of words and SHA-256), `fingerprint-refused`, `certificate-refused` (an observation with its key is hostile)
 */
export async function approveInspectionCa(
  management: Management,
  actor: Actor,
  input: InNetwork &
    Confirmation & { readonly fingerprint: string; readonly expect?: string; readonly reason?: string },
): Promise<InspectionCaEntry> {
  return perform(management, actor, 'inspection-ca.approve', async (tables, now) => {
    const key = await findNetworkOf(tables, input);
    const all = await tables.inspectionCas.of(key);
    const found = findByFingerprint(all, key, input.fingerprint);
    const before = stateOf(found, now);
    refuseUnlessDraft(before);
    refuseUnless(
      input.expect === undefined || input.expect === contentOf(found),
      'stale-draft',
      'This draft has other names or dates than the one that you looked at: list it, and look again.',
    ); // spec S24
    refuseOtherFingerprint(found.certificate, input); // spec S24
    await refuseHostileKey(tables, key.organization, parseDer(found.certificate)); // spec S24
    await tables.inspectionCas.approve(found.id, now);
    const result = entryOf(found.id, await tables.inspectionCas.of(key), now);
    const { subject, keyDigest, permittedNames, excludedNames, from, until } = result;
    return {
      result,
      organization: key.organization,
      object: objectOf(found),
      detail: {
        ...{ subject, keyDigest, permittedNames, excludedNames, from, until },
        confirmed: input.words === undefined ? 'sha256' : 'words',
      },
      change: { before: { state: before }, after: { state: result.state } },
      reason: input.reason,
    };
  });
}

/** What an approval of this draft would be of now: `expect` of it. @throws Refusal `not-found` */
export async function expectedContent(
  { store: { tables } }: Management,
  input: InNetwork & { readonly fingerprint: string },
): Promise<string> {
  const key = await findNetworkOf(tables, input);
  return contentOf(findByFingerprint(await tables.inspectionCas.of(key), key, input.fingerprint));
}

function refuseUnlessDraft(state: InspectionCaEntry['state']): void {
  switch (state) {
    case 'draft':
      return;
    case 'approved':
    case 'active':
      throw new Refusal('already-approved', `This inspection CA is approved already (${state}).`);
    case 'retiring':
    case 'retired':
    case 'revoked':
      throw new Refusal('already-retired', `This inspection CA is ${state}: add it again, if it is to come back.`);
    case 'expired':
      throw new Refusal('time-refused', 'The end of this inspection CA has passed: add it again with a later one.');
  }
}

/** The organization has never revoked a CA with this key, on whatever network. @throws Refusal `certificate-refused` */
export async function refuseRevokedKey(
  tables: ManagementTables,
  { organization, keyDigest }: NewInspectionCa,
): Promise<void> {
  const revoked = (await tables.inspectionCas.withKeys(organization, [keyDigest])).find((ca) => ca.revoked !== null);
  refuseUnless(
    revoked === undefined,
    'certificate-refused',
    `${organization} revoked this key for good (${revoked?.network}, ${revoked?.fingerprint}): make a CA with a new key on the proxy.`,
  ); // spec S24
}

/**
 * Whether an approver stands behind what a profile says of a CA, in this very scope: approved, and not revoked since. `all`: those of its
 * network, as they are now.
 */
export function standsIn(all: readonly StoredInspectionCa[]): (ca: PublishedCa) => boolean {
  const standing = new Set(all.filter(isApproved).map(contentOf));
  return (ca) => standing.has(contentOf(ca));
}

/** Approved, and not revoked since. */
export function isApproved({ approved, revoked }: StoredInspectionCa): boolean {
  return approved !== null && revoked === null;
}

/** What the approver should know when publishing: what is left out because nobody approved it. */
export function pendingWarnings(pending: readonly StoredInspectionCa[]): readonly string[] {
  return pending.map(
    ({ fingerprint, subject, network, organization }) =>
      `Inspection CA ${fingerprint} (${subject}) is left out: nobody has approved it. Confirm its fingerprint with "windlass inspection-ca approve ${fingerprint} --organization ${organization} --network ${network}".`,
  );
}

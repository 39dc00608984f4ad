// How an inspection CA ends: retired, so that devices drop it with the next publication; revoked, so that its key never comes back; or removed,
// as long as no device ever heard of it.
import type { InspectionCaEntry } from '@windlass/management';
import type { UnixSeconds } from '@windlass/protocol';
import { detailOf, entryOf, findByFingerprint, isOnDevices, objectOf, stateOf } from './inspection-ca-entry.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf, type InNetwork } from './networks.ts';
import { refuseUnless } from './refusal.ts';
import type { ManagementTables, StoredInspectionCa } from './store/management-ports.ts';

interface Ending extends InNetwork {
  readonly fingerprint: string;
  readonly reason?: string;
}

/** With the next publication devices are told to drop the CA. @throws Refusal `not-found`, `already-retired` */
export async function retireInspectionCa(
  management: Management,
  actor: Actor,
  input: Ending,
): Promise<InspectionCaEntry> {
  return perform(management, actor, 'inspection-ca.retire', async (tables, now) => {
    const { key, found } = await find(tables, input);
    refuseUnless(
      found.retired === null,
      'already-retired',
      'This inspection CA is retired already: publish, if devices still have it.',
    );
    await tables.inspectionCas.retire(found.id, now);
    const result = entryOf(found.id, await tables.inspectionCas.of(key), now);
    const change = { before: { state: stateOf(found, now) }, after: { state: result.state } };
    const told = { object: objectOf(found), detail: detailOf(found), change, reason: input.reason };
    return { result, organization: key.organization, ...told };
  });
}

/**
 * As retiring it, on every network of the organization that has its key; and this key is refused from now on.
 * @throws Refusal `not-found`, `already-retired` (it is revoked)
 */
export async function revokeInspectionCa(
  management: Management,
  actor: Actor,
  input: Ending & { readonly reason: string },
): Promise<InspectionCaEntry> {
  return perform(management, actor, 'inspection-ca.revoke', async (tables, now) => {
    const { key, found } = await find(tables, input);
    refuseUnless(
      found.revoked === null,
      'already-retired',
      'This inspection CA is revoked already: publish, if devices still have it.',
    );
    const others = (await revokeKeys(tables, [found], now)).filter(({ id }) => id !== found.id);
    const entry = entryOf(found.id, await tables.inspectionCas.of(key), now);
    const networks = [...new Set(others.filter(isOnDevices).map(({ network }) => network))];
    const elsewhere = networks
      .filter((network) => network !== key.network)
      .map((network) => `Network ${network} has this key too, and it is revoked there as well: publish ${network}.`);
    return {
      result: { ...entry, warnings: [...entry.warnings, ...elsewhere] },
      organization: key.organization,
      object: objectOf(found),
      detail: { ...detailOf(found), also: others.map(objectOf) },
      change: { before: { state: stateOf(found, now) }, after: { state: entry.state } },
      reason: input.reason,
    };
  });
}

/** All CAs of the organization with the keys of `cas` are revoked. Returns them as they were. */
export async function revokeKeys(
  tables: ManagementTables,
  cas: readonly StoredInspectionCa[],
  now: UnixSeconds,
): Promise<readonly StoredInspectionCa[]> {
  const [first] = cas;
  if (first === undefined) return [];
  const keys = [...new Set(cas.map(({ keyDigest }) => keyDigest))];
  const same = (await tables.inspectionCas.withKeys(first.organization, keys)).filter((ca) => ca.revoked === null);
  for (const { id } of same) await tables.inspectionCas.revoke(id, now);
  return same;
}

/** A draft, or what is approved and was never published, is gone. @throws Refusal `not-found`, `in-use`, `already-retired` */
export async function removeInspectionCa(
  management: Management,
  actor: Actor,
  input: Omit<Ending, 'reason'>,
): Promise<InspectionCaEntry> {
  return perform(management, actor, 'inspection-ca.remove', async (tables, now) => {
    const { key, found, all } = await find(tables, input);
    refuseUnless(
      found.publishedSequence === null,
      'in-use',
      'This inspection CA is, or was, published, so devices may have it: retire it, and publish.',
    );
    refuseUnless(found.retired === null, 'already-retired', 'This inspection CA has ended already; what was is kept.');
    const successor = all.find(({ predecessor }) => predecessor === found.id);
    refuseUnless(
      successor === undefined,
      'in-use',
      `${successor?.fingerprint} was added to replace this inspection CA: retire this one instead.`,
    );
    await tables.inspectionCas.remove(found.id);
    const result = entryOf(found.id, all, now);
    const change = { before: { ...detailOf(found), state: result.state }, after: null };
    return { result, organization: key.organization, object: objectOf(found), detail: {}, change };
  });
}

async function find(tables: ManagementTables, input: InNetwork & { readonly fingerprint: string }) {
  const key = await findNetworkOf(tables, input);
  const all = await tables.inspectionCas.of(key);
  return { key, all, found: findByFingerprint(all, key, input.fingerprint) };
}

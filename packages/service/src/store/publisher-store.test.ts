// Publisher anchors, jobs and the next epoch over each database.
import type { Digest, NetworkId, OrganizationId, Serial, UnixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEachEngine } from '../testing/each-engine.ts';
import { openDatabase } from './database.ts';
import type { OpenDatabase } from './database-kind.ts';
import { managementDatabase } from './management-migrations.ts';
import type { ClaimRow, ManagementStore, ProfileRow } from './management-ports.ts';
import type { PublisherAnchor } from './management-ports-publishers.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { createManagementStore } from './management-store.ts';

const acme = 'acme' as OrganizationId;
const other = 'other' as OrganizationId;
const at = (seconds: number) => seconds as UnixSeconds;
const digest = (letter: string) => `${letter.repeat(42)}A=` as Digest;
const serial = (index: number) => `S-${String(index).padStart(4, '0')}` as Serial;

const claim = (index: number, generation: number, organization: OrganizationId | null = acme): ClaimRow => ({
  manufacturer: digest('m'),
  serial: serial(index),
  generation,
  ownership: organization === null ? 2 : 1,
  organization,
  network: 'plant' as NetworkId,
  epoch: organization === null ? 0 : 1,
  expires: at(9_000),
  digest: digest('c'),
  key: digest('k'),
  envelope: { payload: `{"generation":${generation}}`, signature: 'AA==' },
  created: at(10),
});
const staged = (index: number, generation: number) => ({
  ...claim(index, generation),
  organization: acme,
  epoch: 2,
  expires: at(9_999),
});

const profile = (network: string, sequence: number, epoch: number): ProfileRow => ({
  organization: acme,
  network: network as NetworkId,
  epoch,
  sequence,
  digest: digest('p'),
  issued: at(1),
  expires: at(2),
  envelope: { payload: '{}', signature: 'AA==' },
  inspectionCas: [],
  endpoints: [],
  services: {},
  retired: [digest('r')],
  changes: [`epoch ${epoch}`],
  reason: 'why',
});

const anchor = (letter: string, change: Partial<PublisherAnchor> = {}): PublisherAnchor => ({
  organization: acme,
  keyDigest: digest(letter),
  kind: 'own',
  anchor: Uint8Array.of(1, 2),
  expires: at(8_000),
  created: at(5),
  fromEpoch: 1,
  untilEpoch: null,
  named: null,
  ...change,
});

describeEachEngine((newDatabase) => {
  let opened: OpenDatabase<ManagementDatabase>;
  let store: Omit<ManagementStore, 'close'>;

  beforeEach(async () => {
    opened = await openDatabase(await newDatabase(), managementDatabase, 'create');
    store = createManagementStore(opened.database);
    const hosted = { keyDigest: digest('a'), anchor: Uint8Array.of(9), expires: at(8_000) };
    await store.tables.organizations.add({ name: acme, epoch: 1, publishers: [hosted], created: at(1) });
    await store.tables.organizations.add({ name: other, epoch: 1, publishers: [], created: at(2) });
    for (const name of ['plant', 'office'] as NetworkId[])
      await store.tables.networks.add({ organization: acme, name, created: at(3), services: {} });
  });
  afterEach(() => opened.close());

  test('publishers of the first version are hosted, and claims name them', async () => {
    const location = await newDatabase();
    const entries = Object.entries(managementDatabase.migrations).filter(([name]) => name < '0005');
    const old = await openDatabase<ManagementDatabase>(
      location,
      { ...managementDatabase, migrations: Object.fromEntries(entries) },
      'create',
    );
    await old.database.insertInto('organizations').values({ name: acme, epoch: 1, created: 7 }).execute();
    const row = { organization: acme, key_digest: digest('a'), anchor: Buffer.of(1, 2), expires: 8, created: 7 };
    await old.database.withTables<{ publishers: typeof row }>().insertInto('publishers').values(row).execute();
    await old.close();
    const current = await openDatabase<ManagementDatabase>(location, managementDatabase, 'write');
    const { tables } = createManagementStore(current.database);
    const kept = { keyDigest: digest('a'), anchor: Uint8Array.of(1, 2), expires: at(8) };
    expect(await tables.publishers.all()).toEqual([
      { organization: acme, kind: 'hosted', created: at(7), fromEpoch: 0, untilEpoch: null, named: at(7), ...kept },
    ]);
    expect(await tables.organizations.find('acme')).toMatchObject({ publishers: [kept] });
    await current.close();
  });

  test('an organization has the anchors that claims of its epoch name', async () => {
    const { publishers, organizations } = store.tables;
    await publishers.add(anchor('b'));
    await publishers.add(anchor('b', { organization: other }));
    await publishers.add(anchor('c', { fromEpoch: 2 }));
    await publishers.endAt({ organization: acme, keyDigest: digest('a') }, 2);
    const named = async () => (await organizations.find('acme'))?.publishers.map(({ keyDigest }) => keyDigest);
    expect(await named()).toEqual([digest('a'), digest('b')]);
    await publishers.named(acme, 1, at(50));
    expect((await publishers.of(acme)).map((row) => row.named)).toEqual([at(1), at(50), null]);
    await publishers.renew({ organization: acme, keyDigest: digest('b') }, at(9_000));
    await store.tables.nextEpoch.begin(acme, 2);
    expect(await named()).toEqual([digest('b'), digest('c')]);
    expect((await organizations.all()).map(({ publishers: all }) => all.length)).toEqual([2, 1]);
    await publishers.remove({ organization: acme, keyDigest: digest('b') });
    expect(await named()).toEqual([digest('c')]);
    expect(await publishers.of(other)).toHaveLength(1);
    await expect(publishers.add(anchor('c'))).rejects.toThrow();
  });

  test('a job is open until it is done', async () => {
    const { jobs } = store.tables;
    const asked = {
      organization: acme,
      kind: 'kill-switch',
      epoch: 2,
      reason: 'why',
      actor: 'me',
      created: at(9),
    } as const;
    const job = await jobs.add(asked);
    expect(job).toEqual({ ...asked, id: job.id, state: 'running', done: 0, total: 0, note: null, changed: at(9) });
    const second = await jobs.add({ ...asked, organization: other, kind: 'publishers', reason: null });
    expect(await jobs.page({ organization: null, before: null, limit: 9 })).toMatchObject([
      { id: second.id },
      { id: job.id },
    ]);
    expect((await jobs.open(null)).map(({ id }) => id)).toEqual([job.id, second.id]);
    await jobs.progress(job.id, { state: 'waiting', done: 3, total: 4, note: 'for you', changed: at(11) });
    expect(await jobs.open(acme)).toEqual([
      { ...job, state: 'waiting', done: 3, total: 4, note: 'for you', changed: at(11) },
    ]);
    await jobs.progress(job.id, { state: 'done', done: 4, total: 4, note: null, changed: at(12) });
    expect(await jobs.open(acme)).toEqual([]);
    expect(await jobs.find(job.id)).toMatchObject({ state: 'done' });
    expect(await jobs.find(99)).toBeNull();
    expect(await jobs.page({ organization: acme, before: null, limit: 9 })).toHaveLength(1);
  });

  test('claims come in pages of one organization, and of those that end in a time', async () => {
    const { claims } = store.tables;
    for (const index of [1, 2, 3]) await claims.add(claim(index, 1));
    await claims.add(claim(4, 1, other));
    await claims.add({ ...claim(2, 2), expires: at(500) });
    const serials = async (...asked: Parameters<typeof claims.page>) =>
      (await claims.page(...asked)).map((row) => row.serial);
    expect(await serials(null, 2, { organization: acme })).toEqual([serial(1), serial(2)]);
    expect(await serials(claim(2, 1), 2, { organization: acme })).toEqual([serial(3)]);
    expect(await serials(null, 9, { ending: { from: at(500), before: at(501) } })).toEqual([serial(2)]);
    expect(await serials(null, 9, { ending: { from: at(501), before: at(9_001) } })).toEqual([
      serial(1),
      serial(3),
      serial(4),
    ]);
  });

  test("what is staged is not current, and becomes it as a whole; what was overtaken or is another owner's does not", async () => {
    const { claims, profiles, nextEpoch, organizations } = store.tables;
    const count = 1_200;
    await store.transaction(async (tables) => {
      for (let index = 1; index <= count; index++) await tables.claims.add(claim(index, 1));
      await tables.claims.add({ ...claim(count + 1, 1), expires: at(10) });
    });
    for (const network of ['plant', 'office']) await profiles.add(profile(network, 1, 1));
    const ask = { organization: acme, now: at(100), after: null, limit: 5_000 };
    expect(await nextEpoch.unstaged(ask)).toHaveLength(count);
    expect(await nextEpoch.unstaged({ ...ask, after: claim(2, 1), limit: 1 })).toMatchObject([{ serial: serial(3) }]);
    await store.transaction(async (tables) => {
      for (let index = 1; index <= count; index++) await tables.nextEpoch.putClaim(staged(index, 2));
      // Another instance signed the same claim meanwhile.
      expect(await tables.nextEpoch.putClaim({ ...staged(1, 2), digest: digest('z') })).toBe(false);
      for (const network of ['plant', 'office']) await tables.nextEpoch.putProfile(profile(network, 9, 2));
      await tables.nextEpoch.dropProfile(profile('plant', 9, 2));
      expect((await tables.nextEpoch.profilesOf(acme)).map(({ network }) => network)).toEqual(['office']);
      await tables.nextEpoch.putProfile(profile('plant', 2, 2));
      await tables.nextEpoch.putProfile(profile('office', 2, 2));
    });
    expect(await nextEpoch.unstaged(ask)).toEqual([]);
    expect(await nextEpoch.claimCount(acme)).toBe(count);
    expect(await nextEpoch.claimAfter(claim(2, 1))).toEqual(staged(2, 2).envelope);
    expect(await nextEpoch.claimAfter(claim(2, 2))).toBeNull();
    expect(await nextEpoch.claimAfter({ ...claim(2, 1), organization: other })).toBeNull();
    expect((await nextEpoch.profilesOf(acme)).map(({ sequence }) => sequence)).toEqual([2, 2]);
    expect(await claims.current(digest('m'), serial(1))).toEqual(claim(1, 1));
    // Released, signed anew, and claimed by somebody else.
    await claims.add(claim(2, 2, null));
    await claims.add(claim(3, 2));
    await claims.add({ ...claim(4, 2, other), ownership: 3 });
    expect((await nextEpoch.unstaged(ask)).map((row) => row.serial)).toEqual([serial(3)]);
    expect(await nextEpoch.putClaim(staged(3, 3))).toBe(true);
    await store.transaction((tables) => tables.nextEpoch.begin(acme, 2));
    expect(await claims.current(digest('m'), serial(1))).toEqual(staged(1, 2));
    expect(await claims.current(digest('m'), serial(2))).toEqual(claim(2, 2, null));
    expect(await claims.current(digest('m'), serial(3))).toEqual(staged(3, 3));
    expect(await claims.current(digest('m'), serial(4))).toMatchObject({ organization: other, epoch: 1 });
    expect((await claims.currentOf(acme)).filter(({ epoch }) => epoch === 2)).toHaveLength(count - 2);
    expect(await profiles.currentOf(acme)).toEqual([profile('office', 2, 2), profile('plant', 2, 2)]);
    expect((await organizations.find('acme'))?.epoch).toBe(2);
    expect(await nextEpoch.claimCount(acme)).toBe(0);
    expect(await nextEpoch.profilesOf(acme)).toEqual([]);
  });

  test('a transaction that begins an epoch and fails leaves everything staged', async () => {
    const { claims, nextEpoch } = store.tables;
    await claims.add(claim(1, 1));
    await nextEpoch.putClaim(staged(1, 2));
    const failed = store.transaction(async (tables) => {
      await tables.nextEpoch.begin(acme, 2);
      throw new Error('stop');
    });
    await expect(failed).rejects.toThrow('stop');
    expect(await claims.current(digest('m'), serial(1))).toEqual(claim(1, 1));
    expect(await nextEpoch.claimCount(acme)).toBe(1);
  });
});

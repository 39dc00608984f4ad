// The suite that every database under the management store must pass.
import type { Digest, NetworkId, OrganizationId, Serial, UnixSeconds } from '@windlass/protocol';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEachEngine } from '../testing/each-engine.ts';
import { openDatabase } from './database.ts';
import type { OpenDatabase } from './database-kind.ts';
import { managementDatabase } from './management-migrations.ts';
import type { ClaimRow, ManagementStore, NewInspectionCa, ProfileRow } from './management-ports.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { createManagementStore } from './management-store.ts';

describeEachEngine((newDatabase) => {
  test('a database of the first version is brought forward and keeps what it has', async () => {
    const location = await newDatabase();
    const [[name, migration] = []] = Object.entries(managementDatabase.migrations);
    if (name === undefined || migration === undefined) throw new Error('There is no migration.');
    const first = { ...managementDatabase, migrations: { [name]: migration } };
    const old = await openDatabase<ManagementDatabase>(location, first, 'create');
    const added = { name: acme, epoch: 1, publishers: [], created: at(1) };
    await createManagementStore(old.database).tables.organizations.add(added);
    await old.close();
    const current = await openDatabase<ManagementDatabase>(location, managementDatabase, 'write');
    const { tables } = createManagementStore(current.database);
    expect(await tables.organizations.all()).toEqual([added]);
    expect(await tables.registeredDevices.page({ after: null, limit: 100 })).toEqual([]);
    await current.close();
  });

  managementStoreSuite(async () => openDatabase(await newDatabase(), managementDatabase, 'create'));
});

const acme = 'acme' as OrganizationId;
const other = 'other' as OrganizationId;
const plant = 'plant' as NetworkId;
const at = (seconds: number) => seconds as UnixSeconds;
const digest = (letter: string) => `${letter.repeat(42)}A=` as Digest;
const key = { organization: acme, network: plant };

const claim = (serial: string, generation: number, organization: OrganizationId | null): ClaimRow => ({
  manufacturer: digest('m'),
  serial: serial as Serial,
  generation,
  ownership: generation,
  organization,
  network: null,
  epoch: 1,
  expires: at(9000),
  digest: digest('c'),
  key: null,
  envelope: { payload: '{}', signature: 'AA==' },
  created: at(10),
});

const profile = (network: NetworkId, sequence: number): ProfileRow => ({
  organization: acme,
  network,
  epoch: 1,
  sequence,
  digest: digest('p'),
  issued: at(1),
  expires: at(2),
  envelope: { payload: '{}', signature: 'AA==' },
  inspectionCas: [
    {
      certificate: Uint8Array.of(0x30, 0xff),
      subjectName: Uint8Array.of(0x30, 0),
      subject: 'CN=Proxy',
      fingerprint: 'AB',
      keyDigest: digest('k'),
      permittedNames: ['*'],
      excludedNames: [],
      from: at(1),
      until: at(2),
    },
  ],
  endpoints: [{ name: 'cloud', host: 'app.example', port: 443, protocol: 'https', required: true }],
  services: {},
  retired: [digest('r')],
  changes: ['first publication'],
  reason: null,
});

const inspectionCa: NewInspectionCa = {
  ...key,
  fingerprint: 'AB:CD',
  keyDigest: digest('k'),
  subject: 'CN=Proxy',
  subjectName: Uint8Array.of(0x30, 0),
  certificate: Uint8Array.of(0x30, 1),
  notAfter: at(5_000_000_000),
  from: at(1),
  until: at(5_000_000_000),
  permittedNames: ['example.com', '10.0.0.0/8'],
  excludedNames: ['bank.example'],
  warnings: ['It covers every name.'],
  role: 'root',
  predecessor: null,
  added: at(7),
};

/** What every database under the management side must do. */
function managementStoreSuite(open: () => Promise<OpenDatabase<ManagementDatabase>>): void {
  let opened: OpenDatabase<ManagementDatabase>;
  let store: Omit<ManagementStore, 'close'>;

  beforeEach(async () => {
    opened = await open();
    store = createManagementStore(opened.database);
    await store.transaction(async ({ organizations, networks }) => {
      const publisher = { keyDigest: digest('a'), anchor: Uint8Array.of(1, 2), expires: at(8000) };
      await organizations.add({ name: acme, epoch: 1, publishers: [publisher], created: at(1) });
      await organizations.add({ name: other, epoch: 3, publishers: [], created: at(2) });
      await networks.add({ organization: acme, name: plant, created: at(3), services: {} });
    });
  });

  afterEach(async () => {
    await opened.close();
  });

  test('what goes into a table comes out of it', async () => {
    const { tables } = store;
    const manufacturer = {
      name: 'maker',
      keyDigest: digest('m'),
      fingerprint: 'AA',
      subject: 'CN=M',
      notAfter: at(5_000_000_000),
      certificate: Uint8Array.of(0, 255),
      created: at(4),
    };
    await tables.manufacturers.add(manufacturer);
    expect(await tables.manufacturers.all()).toEqual([manufacturer]);
    expect(await tables.organizations.find('acme')).toEqual({
      name: acme,
      epoch: 1,
      publishers: [{ keyDigest: digest('a'), anchor: Uint8Array.of(1, 2), expires: at(8000) }],
      created: at(1),
    });
    expect(await tables.organizations.find('nobody')).toBeNull();
    expect((await tables.organizations.all()).map(({ name }) => name)).toEqual([acme, other]);
    const added = await tables.inspectionCas.add(inspectionCa);
    expect(added).toEqual({
      ...inspectionCa,
      id: added.id,
      approved: null,
      publishedSequence: null,
      retired: null,
      retiredSequence: null,
      revoked: null,
    });
    expect(await tables.inspectionCas.of(key)).toEqual([added]);
    expect(await tables.inspectionCas.ofOrganization(acme)).toEqual([added]);
    expect(await tables.inspectionCas.ofOrganization(other)).toEqual([]);
    await tables.claims.add(claim('S 1', 1, acme));
    expect(await tables.claims.current(digest('m'), 'S 1' as Serial)).toEqual(claim('S 1', 1, acme));
    await tables.profiles.add(profile(plant, 1));
    expect(await tables.profiles.of(key, 10)).toEqual([profile(plant, 1)]);
  });

  test('a self-signed device is found by its key and by its serial; each exists once', async () => {
    const { registeredDevices } = store.tables;
    const device = {
      keyDigest: digest('d'),
      serial: 'S 1' as Serial,
      fingerprint: 'AA',
      subject: 'serialNumber=S 1',
      notAfter: at(253_402_300_799),
      certificate: Uint8Array.of(0, 255),
      created: at(4),
    };
    await registeredDevices.add(device);
    expect(await registeredDevices.page({ after: null, limit: 100 })).toEqual([device]);
    expect(await registeredDevices.withKey(digest('d'))).toEqual(device);
    expect(await registeredDevices.withSerial('S 1' as Serial)).toEqual(device);
    expect(await registeredDevices.withKey(digest('e'))).toBeNull();
    expect(await registeredDevices.withSerial('S 2' as Serial)).toBeNull();
    await expect(registeredDevices.add({ ...device, serial: 'S 2' as Serial })).rejects.toThrow(/unique/i);
    await expect(registeredDevices.add({ ...device, keyDigest: digest('e') })).rejects.toThrow(/unique/i);
  });

  test('a transaction that throws leaves nothing behind', async () => {
    const work = store.transaction(async ({ networks }) => {
      await networks.add({ organization: acme, name: 'gone' as NetworkId, created: at(5), services: {} });
      throw new Error('stop');
    });
    await expect(work).rejects.toThrow('stop');
    expect(await store.tables.networks.find(acme, 'gone')).toBeNull();
  });

  test("the current claim is the one of the highest generation; a released device is no organization's", async () => {
    const { claims } = store.tables;
    await claims.add(claim('S1', 1, acme));
    await claims.add(claim('S1', 2, null));
    await claims.add(claim('S2', 1, acme));
    await claims.add(claim('S3', 1, acme));
    await claims.add(claim('S3', 2, null));
    await claims.add(claim('S3', 3, other));
    expect((await claims.current(digest('m'), 'S1' as Serial))?.generation).toBe(2);
    expect((await claims.currentOf(acme)).map(({ serial }) => serial)).toEqual(['S2']);
    expect((await claims.currentOf(other)).map(({ serial }) => serial)).toEqual(['S3']);
    expect((await claims.currentOf(null)).map(({ serial, generation }) => [serial, generation])).toEqual([
      ['S1', 2],
      ['S2', 1],
      ['S3', 3],
    ]);
    expect(await claims.withSerial('S3' as Serial)).toHaveLength(1);
  });

  test('current claims come in pages, each device once, released ones too', async () => {
    const { claims } = store.tables;
    for (const serial of ['S1', 'S2', 'S3', 'S4']) await claims.add(claim(serial, 1, acme));
    await claims.add(claim('S2', 2, null));
    const first = { ...claim('S9', 1, acme), manufacturer: digest('a') };
    await claims.add(first);
    const pages: string[][] = [];
    let page = await claims.page(null, 2);
    while (page.length > 0) {
      pages.push(page.map(({ serial, generation }) => `${serial} ${generation}`));
      page = await claims.page(page.at(-1) ?? null, 2);
    }
    expect(pages).toEqual([['S9 1', 'S1 1'], ['S2 2', 'S3 1'], ['S4 1']]);
    expect(await claims.page(null, 1)).toEqual([first]);
  });

  test('one generation of a claim and one sequence of a profile exist once [S12]', async () => {
    const { claims, profiles } = store.tables;
    await claims.add(claim('S1', 1, acme));
    await expect(claims.add(claim('S1', 1, other))).rejects.toThrow();
    await profiles.add(profile(plant, 1));
    await expect(profiles.add({ ...profile(plant, 1), epoch: 2 })).rejects.toThrow();
  });

  test('the current profile of each network is its newest', async () => {
    const { networks, profiles } = store.tables;
    const second = 'second' as NetworkId;
    await networks.add({ organization: acme, name: second, created: at(4), services: {} });
    for (const sequence of [1, 2, 10]) await profiles.add(profile(plant, sequence));
    await profiles.add(profile(second, 3));
    const current = await profiles.currentOf(acme);
    expect(current.map(({ network, sequence }) => [network, sequence])).toEqual([
      [plant, 10],
      [second, 3],
    ]);
    expect((await profiles.of(key, 10)).map(({ sequence }) => sequence)).toEqual([10, 2, 1]);
    expect((await profiles.of(key, 2)).map(({ sequence }) => sequence)).toEqual([10, 2]);
    expect(await profiles.currentSequences(acme)).toEqual([
      { ...key, sequence: 10 },
      { organization: acme, network: second, sequence: 3 },
    ]);
    expect(await profiles.at(key, 2)).toEqual(profile(plant, 2));
    expect(await profiles.at(key, 3)).toBeNull();
    expect(await profiles.sizeBeside(key)).toBe(profile(second, 3).envelope.payload.length);
    expect(await profiles.sizeBeside({ organization: other, network: plant })).toBe(0);
    expect(await profiles.currentOf(other)).toEqual([]);
  });

  test('an inspection CA is published, retired, and told to be dropped', async () => {
    const { inspectionCas } = store.tables;
    const { id } = await inspectionCas.add(inspectionCa);
    await inspectionCas.published(4, [id], []);
    await inspectionCas.retire(id, at(99));
    await inspectionCas.published(5, [], [id]);
    expect(await inspectionCas.of(key)).toMatchObject([{ publishedSequence: 4, retired: 99, retiredSequence: 5 }]);
  });

  test('an inspection CA is approved, revoked on every network that has its key, and removed only while it was never published', async () => {
    const { inspectionCas } = store.tables;
    const first = await inspectionCas.add(inspectionCa);
    const second = await inspectionCas.add({ ...inspectionCa, predecessor: first.id, keyDigest: digest('l') });
    await inspectionCas.approve(first.id, at(50));
    await inspectionCas.retire(second.id, at(60));
    for (const { id } of [first, second]) await inspectionCas.revoke(id, at(99));
    expect(await inspectionCas.withKeys(acme, [digest('k'), digest('l')])).toMatchObject([
      { approved: 50, retired: 99, revoked: 99 },
      { approved: null, retired: 60, revoked: 99, predecessor: first.id },
    ]);
    expect(await inspectionCas.withKeys(acme, [digest('l')])).toHaveLength(1);
    expect(await inspectionCas.withKeys(other, [digest('k')])).toEqual([]);
    expect(await inspectionCas.withKeys(acme, [])).toEqual([]);
    await inspectionCas.published(4, [first.id], []);
    for (const { id } of [first, second]) await inspectionCas.remove(id);
    expect(await inspectionCas.of(key)).toMatchObject([{ id: first.id }]);
  });

  test('what was said of an observation is of one organization, and is replaced as a whole', async () => {
    const { observationMarks } = store.tables;
    const said = {
      organization: acme,
      observation: 'ab'.repeat(16),
      certificates: [Uint8Array.of(0, 255), Uint8Array.of(1)],
      firstSeen: at(1),
      lastSeen: at(2),
      link: { network: plant, fingerprint: 'AB' },
      asked: at(3),
      note: 'ours?',
      ignoredUntil: at(4),
      hostile: null,
    };
    await observationMarks.put(said);
    await observationMarks.put({ ...said, organization: other, hostile: at(5) });
    expect(await observationMarks.find(acme, said.observation)).toEqual(said);
    const nothing = { link: null, asked: null, note: null, ignoredUntil: null };
    await observationMarks.put({ ...said, ...nothing, hostile: at(9) });
    expect(await observationMarks.of(acme)).toEqual([{ ...said, ...nothing, hostile: 9 }]);
    expect(await observationMarks.of(null)).toHaveLength(2);
    expect(await observationMarks.hostile(other)).toHaveLength(1);
    await observationMarks.remove(acme, said.observation);
    expect(await observationMarks.find(acme, said.observation)).toBeNull();
    expect(await observationMarks.of(other)).toHaveLength(1);
  });

  test('an endpoint has what was said of it, and nothing that was not', async () => {
    const { endpoints } = store.tables;
    const endpoint = { name: 'cloud', host: 'app.example', port: 443, protocol: 'wss' as const, required: true };
    const pins = [digest('one'), digest('two')];
    const detailed = { ...endpoint, name: 'd', path: '/mqtt?x', alpn: 'http/1.1', clientCertificate: true, pins };
    for (const each of [endpoint, detailed]) await endpoints.add(key, each);
    expect(await endpoints.of(key)).toEqual([endpoint, detailed]);
  });

  test('the services of a network are its own, and those of a profile are as they were published', async () => {
    const { networks, profiles, nextEpoch } = store.tables;
    const services = { explicitProxy: { host: 'proxy.example', port: 3128, tls: true }, noProxy: ['10.0.0.0/8'] };
    const second = 'second' as NetworkId;
    await networks.add({ organization: acme, name: second, created: at(4), services: {} });
    await networks.setServices(key, services);
    expect((await networks.of(acme)).map((network) => network.services)).toEqual([services, {}]);
    await profiles.add({ ...profile(plant, 1), services });
    await nextEpoch.putProfile({ ...profile(second, 1), services: { dns: ['10.0.0.53'] } });
    await nextEpoch.begin(acme, 2);
    const published = (await profiles.currentOf(acme)).map((row) => row.services);
    expect(published).toEqual([services, { dns: ['10.0.0.53'] }]);
  });

  test('an endpoint is removed from its own network only', async () => {
    const { endpoints } = store.tables;
    const endpoint = { name: 'cloud', host: 'app.example', port: 443, protocol: 'mqtts' as const, required: false };
    await endpoints.add(key, endpoint);
    await endpoints.remove({ organization: other, network: plant }, 'cloud');
    expect(await endpoints.of(key)).toEqual([endpoint]);
    await endpoints.remove(key, 'cloud');
    expect(await endpoints.of(key)).toEqual([]);
  });

  test('claims, profiles and audit can neither be changed nor deleted', async () => {
    const { claims, profiles, audit } = store.tables;
    await claims.add(claim('S1', 1, acme));
    await profiles.add(profile(plant, 1));
    const entry = {
      actor: 'a',
      role: 'admin',
      address: '::1',
      act: 'x.y',
      outcome: 'done',
      organization: null,
    } as const;
    await audit.add({ id: 1, time: at(1), ...entry, object: '', detail: '{}', previousHash: '0', hash: '1' });
    for (const table of ['claims', 'profiles', 'audit']) {
      const name = sql.table(table);
      await expect(sql`delete from ${name}`.execute(opened.database)).rejects.toThrow(`${table} is append-only`);
      const column = sql.ref(table === 'audit' ? 'actor' : 'payload');
      await expect(sql`update ${name} set ${column} = 'x'`.execute(opened.database)).rejects.toThrow('is append-only');
    }
  });

  test('a network of an organization that does not exist is refused by the database itself', async () => {
    const added = store.tables.networks.add({
      organization: 'nobody' as OrganizationId,
      name: plant,
      created: at(1),
      services: {},
    });
    await expect(added).rejects.toThrow();
  });

  test('the audit is read in pages, newest first, and from its beginning', async () => {
    const { audit } = store.tables;
    for (let id = 1; id <= 5; id++) {
      const organization = id % 2 === 0 ? 'acme' : null;
      const entry = {
        actor: 'a',
        role: 'admin',
        address: '::1',
        act: 'x.y',
        outcome: 'refused',
        organization,
      } as const;
      await audit.add({ id, time: at(id), ...entry, object: '', detail: '{}', previousHash: '0', hash: `${id}` });
    }
    const ids = async (filter: Parameters<typeof audit.page>[0]) => (await audit.page(filter)).map(({ id }) => id);
    expect(await ids({ organization: null, before: null, limit: 2 })).toEqual([5, 4]);
    expect(await ids({ organization: null, before: 4, limit: 2 })).toEqual([3, 2]);
    expect(await ids({ organization: 'acme', before: null, limit: 9 })).toEqual([4, 2]);
    expect((await audit.after(3, 9)).map(({ id }) => id)).toEqual([4, 5]);
    expect((await audit.last())?.id).toBe(5);
  });
}

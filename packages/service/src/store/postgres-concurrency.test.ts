// Several instances on one PostgreSQL at once, each with connections of its own: what one promised holds for all.
import {
  type DeviceId,
  digestOf,
  type NetworkId,
  type OrganizationId,
  parseNonce,
  parseSerial,
  unixSeconds,
} from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendAudit, verifyAudit } from '../audit.ts';
import { answerOnce } from '../idempotency.ts';
import type { Management } from '../management.ts';
import { addOrganization } from '../organizations.ts';
import type { PostgresServer } from '../postgres-server.ts';
import { describePostgres } from '../testing/each-engine.ts';
import { admin, openFixture } from '../testing/management-fixture.ts';
import { openDatabase } from './database.ts';
import type { DecisionRecord, DeviceStore, NewObservation, ReportRecord } from './device-ports.ts';
import { openDeviceReader } from './device-reader.ts';
import { DEVICE_DATABASE, type DeviceDatabase } from './device-schema.ts';
import { MAX_OBSERVATIONS_PER_DEVICE, openDeviceStore } from './device-store.ts';
import type { ManagementStore } from './management-ports.ts';
import { openManagementStore } from './management-store.ts';

const INSTANCES = 3;
const AT_ONCE = 10;
const WAIT_MILLISECONDS = 10_000;
const now = unixSeconds(1_800_000_000);
const manufacturer = digestOf('manufacturer');
const key = digestOf('key');
const device: DeviceId = { manufacturer, serial: parseSerial('pump-1') };
const acme = 'acme' as OrganizationId;

const decisionOf = (nonce: string, answer: string): DecisionRecord => ({
  device,
  nonce: parseNonce(digestOf(nonce)),
  request: digestOf(`request ${nonce}`),
  key,
  time: now,
  outcome: 'granted',
  code: null,
  organization: acme,
  network: 'plant' as NetworkId,
  claim: null,
  profile: null,
  envelope: { payload: answer, signature: 'AA==' },
});
const reportOf = (counter: number, text: string): ReportRecord => ({
  device,
  nonce: parseNonce(digestOf('nonce')),
  counter,
  digest: digestOf(`${text} ${counter}`),
  time: now,
  report: { payload: text, signature: 'AA==' },
  acknowledgement: { payload: text, signature: 'AA==' },
});
const observationOf = (fingerprint: string): NewObservation => ({
  ...device,
  organization: acme,
  certificate: Buffer.from(fingerprint),
  fingerprint,
  topIsCa: true,
  issuer: 'CN=Rogue',
  issuerKeyId: null,
});

const times = <Item>(count: number, make: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => make(index));

describePostgres((cluster) => {
  let server: PostgresServer;
  beforeEach(async () => {
    server = await cluster().createDatabase();
  });

  test('instances that open a new database at once all get it', async () => {
    const stores = await Promise.all(times(INSTANCES, () => openDeviceStore(server, 'create')));
    await Promise.all(stores.map((store) => store.close()));
  });

  describeDevices();
  describeManagement();

  function describeDevices(): void {
    let stores: readonly DeviceStore[] = [];
    beforeEach(async () => {
      stores = [await openDeviceStore(server, 'create')];
      stores = [...stores, ...(await Promise.all(times(INSTANCES - 1, () => openDeviceStore(server, 'write'))))];
    });
    afterEach(async () => {
      await Promise.all(stores.map((store) => store.close()));
    });
    /** Each instance does it many times at once. */
    const everywhere = <Result>(work: (store: DeviceStore, name: string) => Promise<Result>) =>
      Promise.all(stores.flatMap((store, at) => times(AT_ONCE, (index) => work(store, `${at} ${index}`))));

    test('[S4] of many first keys one is pinned, for every instance', async () => {
      const pinned = await everywhere((store, name) => store.pinKey(device, digestOf(name), now));
      expect(new Set(pinned).size).toBe(1);
    });

    test('one nonce gets one answer', async () => {
      await stores[0]?.pinKey(device, key, now);
      const appended = await everywhere((store, name) => store.appendDecision(decisionOf('n', name), null));
      expect(appended.filter((done) => done)).toHaveLength(1);
      const read = await everywhere((store) =>
        store.decisionsFor(device, parseNonce(digestOf('n')), digestOf('request n')),
      );
      expect(new Set(read.map((decisions) => JSON.stringify(decisions))).size).toBe(1);
    });

    test('[S10] one counter is taken once', async () => {
      await stores[0]?.pinKey(device, key, now);
      const taken = await everywhere((store, name) => store.appendReport(reportOf(7, name), null));
      expect(taken.filter((done) => done)).toHaveLength(1);
    });

    test('[S10] a report waits for one that another instance is storing, and is refused when that counts higher', async () => {
      await stores[0]?.pinKey(device, key, now);
      const other = await openDatabase<DeviceDatabase>(server, DEVICE_DATABASE, 'write');
      const { report, acknowledgement: _, ...same } = reportOf(8, 'first');
      const { device: id, ...columns } = { ...same, acknowledgement_payload: '', acknowledgement_signature: '' };
      let late: Promise<boolean | undefined> = Promise.resolve(undefined);
      await other.database.transaction().execute(async (transaction) => {
        await transaction.updateTable('devices').set({ last_seen: now }).execute();
        late = Promise.resolve(stores[0]?.appendReport(reportOf(7, 'late'), null));
        await untilOneWaits();
        await transaction
          .insertInto('reports')
          .values({ ...id, ...report, ...columns })
          .execute();
      });
      expect(await late).toBe(false);
      await other.close();
    });

    test('an answer that the server gives up for the sake of another transaction is stored all the same', async () => {
      const [store] = stores;
      if (store === undefined) throw new Error('No store was opened.');
      await store.pinKey(device, key, now);
      await store.appendDecision(decisionOf('before', 'before'), observationOf('seen'));
      const other = await openDatabase<DeviceDatabase>(server, DEVICE_DATABASE, 'write');
      let answered: Promise<boolean> = Promise.resolve(false);
      const deadlock = other.database.transaction().execute(async (transaction) => {
        await transaction.updateTable('observations').set({ last_seen: now }).execute();
        answered = store.appendDecision(decisionOf('n', 'mine'), observationOf('seen'));
        await untilOneWaits();
        const { device: id, envelope, ...rest } = decisionOf('n', 'theirs');
        const row = { ...id, ...envelope, ...rest, reused_by: '' };
        await transaction.insertInto('decisions').values(row).execute();
        throw new Error('rolled back');
      });
      await expect(deadlock).rejects.toThrow();
      expect(await answered).toBe(true);
      await other.close();
    });

    /** Somebody waits for a lock in this database. */
    async function untilOneWaits(): Promise<void> {
      const waiting =
        'select 1 from pg_stat_activity where datname = current_database() and wait_event_type = $$Lock$$';
      const deadline = Date.now() + WAIT_MILLISECONDS;
      while ((await cluster().execute(server, waiting)).length === 0) {
        if (Date.now() > deadline) throw new Error('Nobody waits.');
      }
    }

    test('a device that is shown ever new chains by all instances: no answer fails, and 32 observations stay', async () => {
      await stores[0]?.pinKey(device, key, now);
      await everywhere((store, name) => store.appendDecision(decisionOf(name, name), observationOf(`before ${name}`)));
      const again = ({ time, ...rest }: DecisionRecord) => ({ ...rest, time: unixSeconds(time + 9) });
      const answered = await everywhere((store, name) =>
        store.appendDecision(again(decisionOf(`again ${name}`, name)), observationOf(`after ${name}`)),
      );
      expect(answered).not.toContain(false);
      await stores[0]?.appendDecision(again(decisionOf('last', 'last')), observationOf('last'));
      const reader = await openDeviceReader(server);
      expect(await reader.observations()).toHaveLength(MAX_OBSERVATIONS_PER_DEVICE);
      await reader.close();
    });
  }

  function describeManagement(): void {
    let stores: readonly ManagementStore[] = [];
    beforeEach(async () => {
      stores = [await openManagementStore(server, 'create')];
      stores = [...stores, ...(await Promise.all(times(INSTANCES - 1, () => openManagementStore(server, 'write'))))];
    });
    afterEach(async () => {
      await Promise.all(stores.map((store) => store.close()));
    });

    test('acts of all instances at once are one unbroken chain in the audit', async () => {
      const actor = { name: 'test', person: null, role: 'none', organization: null, address: 'local' } as const;
      const act = (store: ManagementStore, object: string) =>
        store.transaction(({ audit }) => {
          const event = { time: now, actor, act: 'test.act', outcome: 'done', organization: null } as const;
          return appendAudit(audit, { ...event, object, detail: {}, change: { before: null, after: null } });
        });
      await Promise.all(stores.flatMap((store, at) => times(AT_ONCE, (index) => act(store, `${at} ${index}`))));
      const [{ tables } = { tables: null }] = stores;
      if (tables === null) throw new Error('No store was opened.');
      expect(await verifyAudit(tables.audit)).toBe('intact');
      expect((await tables.audit.last())?.id).toBe(INSTANCES * AT_ONCE);
    });

    test('what an act read stays so until it ends: of many that add one network, one does', async () => {
      await stores[0]?.transaction(({ organizations }) =>
        organizations.add({ name: acme, epoch: 1, publishers: [], created: now }),
      );
      const add = (store: ManagementStore) =>
        store.transaction(async ({ networks }) => {
          const name = 'plant' as NetworkId;
          if ((await networks.find(acme, name)) !== null) return false;
          await networks.add({ organization: acme, name, created: now, services: {} });
          return true;
        });
      const added = await Promise.all(stores.flatMap((store) => times(AT_ONCE, () => add(store))));
      expect(added.filter((done) => done)).toHaveLength(1);
    });

    test('a request with a key that comes to all instances at once is done once, and answered everywhere', async () => {
      const fixture = await openFixture();
      let done = 0;
      const act = async (inside: Management) => {
        done += 1;
        return { status: 201, body: await addOrganization(inside, admin, { name: 'acme' }) };
      };
      const asked = { actor: admin, key: 'k', request: 'the request', remedy: null };
      const answers = await Promise.all(
        stores.flatMap((store) => times(2, () => answerOnce({ ...fixture.management, store }, asked, act))),
      );
      await fixture.close();
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(done).toBe(1);
    });
  }
});

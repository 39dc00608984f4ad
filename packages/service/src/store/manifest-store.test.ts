// What every database must do for manifests, claim codes, transfers and names.
import { randomBytes } from 'node:crypto';
import type { Digest, OrganizationId, Serial, UnixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countAttempt, MAX_WRONG_CODES } from '../claim-attempts.ts';
import { describeEachEngine } from '../testing/each-engine.ts';
import { memberOf } from '../testing/manifest-fixture.ts';
import { type DatabaseLocation, openDatabase } from './database.ts';
import type { OpenDatabase } from './database-kind.ts';
import { managementDatabase } from './management-migrations.ts';
import type { ClaimRow, ManagementStore, ManifestDevice, Transfer } from './management-ports.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { createManagementStore, openManagementStore } from './management-store.ts';

const acme = 'acme' as OrganizationId;
const rival = 'rival' as OrganizationId;
const at = (seconds: number) => seconds as UnixSeconds;
const serial = (text: string) => text as Serial;
const digest = (letter: string) => `${letter.repeat(42)}A=` as Digest;
const maker = digest('m');
const idOf = (text: string) => ({ manufacturer: maker, serial: serial(text) });

const device = (text: string, key: string, change: Partial<ManifestDevice> = {}): ManifestDevice => ({
  ...idOf(text),
  key: digest(key),
  model: null,
  codeHash: null,
  codeUsed: null,
  labelProof: false,
  organization: null,
  orderNumber: null,
  importId: 'ab',
  imported: at(5),
  ...change,
});

const claim = (text: string, generation: number, change: Partial<ClaimRow> = {}): ClaimRow => ({
  ...idOf(text),
  generation,
  ownership: generation,
  organization: acme,
  network: null,
  epoch: 1,
  expires: at(9000),
  digest: digest('c'),
  key: null,
  envelope: { payload: '{}', signature: 'AA==' },
  created: at(10 * generation),
  ...change,
});

const transfer = (id: string, change: Partial<Transfer> = {}): Transfer => ({
  id,
  ...idOf('S1'),
  ownership: 1,
  from: acme,
  to: 'rival',
  offered: at(1),
  offeredBy: 'somebody',
  expires: at(99),
  ended: null,
  outcome: null,
  ...change,
});

describeEachEngine((newDatabase) => {
  let location: DatabaseLocation;
  let opened: OpenDatabase<ManagementDatabase>;
  let store: Omit<ManagementStore, 'close'>;

  beforeEach(async () => {
    location = await newDatabase();
    opened = await openDatabase<ManagementDatabase>(location, managementDatabase, 'create');
    store = createManagementStore(opened.database);
    await store.transaction(async ({ organizations, manufacturers }) => {
      for (const name of [acme, rival]) await organizations.add({ name, epoch: 1, publishers: [], created: at(1) });
      const names = { name: 'maker', fingerprint: 'AA', subject: 'CN=M' };
      const certificate = { notAfter: at(9), certificate: Uint8Array.of(1), created: at(1) };
      await manufacturers.add({ ...names, keyDigest: maker, ...certificate });
    });
  });
  afterEach(() => opened.close());

  describe('manifests', () => {
    test('what goes in comes out: by device, by serial, by serial or key', async () => {
      const { manifests } = store.tables;
      const whole = { model: 'Pump', codeHash: digest('h'), codeUsed: at(7), labelProof: true, organization: acme };
      const first = device('S1', 'a', { ...whole, orderNumber: 'PO' });
      await manifests.add([first, device('S2', 'b'), device('S3', 'd')]);
      await manifests.add([]);
      expect(await manifests.find(idOf('S1'))).toEqual(first);
      expect(await manifests.find(idOf('S9'))).toBeNull();
      expect(await manifests.withSerial(serial('S1'))).toEqual([first]);
      const among = await manifests.among([serial('S1'), serial('S9')], [digest('b'), digest('a')]);
      expect(among.map((found) => found.serial).sort()).toEqual(['S1', 'S2']);
      expect(await manifests.among([], [])).toEqual([]);
    });

    test('a device and a key exist once; a manufacturer or organization that does not exist is refused', async () => {
      const { manifests } = store.tables;
      await manifests.add([device('S1', 'a')]);
      await expect(manifests.add([device('S1', 'b')])).rejects.toThrow();
      await expect(manifests.add([device('S2', 'a')])).rejects.toThrow();
      await expect(manifests.add([device('S2', 'b', { manufacturer: digest('x') })])).rejects.toThrow();
      const nobody = 'nobody' as OrganizationId;
      await expect(manifests.add([device('S2', 'b', { organization: nobody })])).rejects.toThrow();
    });

    test('a batch of 500 goes in and is found at once', async () => {
      const { manifests } = store.tables;
      const rows = Array.from({ length: 500 }, (_, index) =>
        device(`S${index}`, 'a', { key: `${randomBytes(32).toString('base64')}` as Digest }),
      );
      await manifests.add(rows);
      const found = await manifests.among(
        rows.map((row) => row.serial),
        rows.map((row) => row.key),
      );
      expect(found).toHaveLength(500);
      expect(await manifests.claimsOf(rows.map((row) => row.serial))).toEqual([]);
    });

    test('a code is burnt once, and a new one is alive', async () => {
      const { manifests } = store.tables;
      await manifests.add([device('S1', 'a', { codeHash: digest('h') }), device('S2', 'b')]);
      await manifests.burnCode(idOf('S1'), at(7));
      await manifests.burnCode(idOf('S1'), at(8));
      await manifests.burnCode(idOf('S2'), at(7));
      expect(await manifests.find(idOf('S1'))).toMatchObject({ codeUsed: 7 });
      expect(await manifests.find(idOf('S2'))).toMatchObject({ codeUsed: null });
      await manifests.replaceCode(idOf('S1'), digest('i'), 'cd');
      expect(await manifests.find(idOf('S1'))).toMatchObject({ codeHash: digest('i'), codeUsed: null, importId: 'cd' });
    });

    test('pages follow one another by serial; an order is a part of them, and what nobody owns a part of that', async () => {
      const { manifests, claims } = store.tables;
      const order = { orderNumber: 'PO' };
      await manifests.add([
        device('S1', 'a', order),
        device('S2', 'b'),
        device('S3', 'd', order),
        device('S4', 'e', order),
      ]);
      const page = async (after: string | null, of: string | null) => {
        const found = await manifests.page({ order: of, after: after === null ? null : idOf(after), limit: 2 });
        return found.map((row) => row.serial);
      };
      expect([await page(null, null), await page('S2', null), await page('S4', null)]).toEqual([
        ['S1', 'S2'],
        ['S3', 'S4'],
        [],
      ]);
      expect([await page(null, 'PO'), await page('S3', 'PO')]).toEqual([['S1', 'S3'], ['S4']]);
      await claims.add(claim('S1', 1));
      await claims.add(claim('S3', 1));
      await claims.add(claim('S3', 2, { organization: null }));
      expect((await manifests.unclaimedOf('PO', 9)).map((row) => row.serial)).toEqual(['S3', 'S4']);
      expect(await manifests.unclaimedOf('PO', 1)).toHaveLength(1);
    });

    test('devices that need a label proof are no part of an order that is claimed, and a part of the claims', async () => {
      const { manifests, claims } = store.tables;
      const order = { orderNumber: 'PO' };
      await manifests.add([
        device('S1', 'a', { ...order, labelProof: true }),
        device('S2', 'b', order),
        device('S3', 'd', { ...order, labelProof: true }),
      ]);
      await claims.add(claim('S1', 1));
      await claims.add(claim('S2', 1, { organization: null }));
      expect((await manifests.unclaimedOf('PO', 9)).map((row) => row.serial)).toEqual(['S2']);
      expect([await manifests.unprovedOf('PO'), await manifests.unprovedOf('OP')]).toEqual([1, 0]);
      const page = await claims.page(null, 9, { needsProof: true });
      expect(page.map((row) => row.serial)).toEqual(['S1']);
      expect(await claims.page(null, 9, { organization: rival, needsProof: true })).toEqual([]);
    });

    test('of a device with many claims the current one counts', async () => {
      const { manifests, claims } = store.tables;
      await claims.add(claim('S1', 1, { key: digest('a') }));
      await claims.add(claim('S1', 2, { organization: null, key: digest('a') }));
      await claims.add(claim('S1', 3, { organization: rival, key: digest('a') }));
      const found = await manifests.claimsOf([serial('S1'), serial('S2')]);
      expect(found).toEqual([{ ...idOf('S1'), organization: rival, key: digest('a') }]);
    });
  });

  test('the last ended ownership is found, with when it ended, also where claims were signed anew', async () => {
    const { claims, ownerships } = store.tables;
    await claims.add(claim('S1', 1));
    await claims.add(claim('S1', 2, { ownership: 1, created: at(10) }));
    expect(await ownerships.lastEnded(serial('S1'), null)).toEqual([]);
    await claims.add(claim('S1', 3, { ownership: 2, organization: null, created: at(30) }));
    await claims.add(claim('S1', 4, { ownership: 3, organization: rival, created: at(40) }));
    const ended = { ...idOf('S1'), organization: acme, ownership: 1, ended: 30 };
    expect(await ownerships.lastEnded(serial('S1'), acme)).toEqual([ended]);
    expect(await ownerships.lastEnded(serial('S1'), null)).toEqual([ended]);
    expect(await ownerships.lastEnded(serial('S1'), rival)).toEqual([]);
  });

  test('transfers are found by who offers and who is offered, and ended', async () => {
    const { transfers } = store.tables;
    await transfers.add(transfer('a'));
    await transfers.add(transfer('b', { to: 'nobody', offered: at(2) }));
    expect(await transfers.find('a')).toEqual(transfer('a'));
    expect(await transfers.find('z')).toBeNull();
    expect((await transfers.page({ organization: acme, after: null, limit: 9 })).map(({ id }) => id)).toEqual([
      'b',
      'a',
    ]);
    expect((await transfers.page({ organization: rival, after: null, limit: 9 })).map(({ id }) => id)).toEqual(['a']);
    expect(await transfers.page({ organization: null, after: null, limit: 1 })).toHaveLength(1);
    await transfers.end('a', 'revoked', at(50));
    expect(await transfers.find('a')).toMatchObject({ ended: 50, outcome: 'revoked' });
    expect((await transfers.openOf(idOf('S1'))).map(({ id }) => id)).toEqual(['b']);
  });

  test('a device has one name', async () => {
    const { deviceNames } = store.tables;
    await deviceNames.set({ ...idOf('S1'), ownership: 1, name: 'Pump' });
    await deviceNames.set({ ...idOf('S1'), ownership: 2, name: 'Fan' });
    expect(await deviceNames.find(idOf('S1'))).toEqual({ ...idOf('S1'), ownership: 2, name: 'Fan' });
    expect(await deviceNames.find(idOf('S2'))).toBeNull();
    expect(await deviceNames.among([idOf('S1').serial, idOf('S2').serial])).toHaveLength(1);
  });

  test('alerts are the entries of the audit whose act says so, newest first', async () => {
    const { audit, alerts } = store.tables;
    const entry = {
      time: at(1),
      actor: 'a',
      role: 'admin',
      address: '::1',
      outcome: 'refused',
      object: '',
      detail: '{}',
    } as const;
    for (const [index, act] of ['alert.x', 'claim.add', 'alert.y', 'alertness'].entries()) {
      const organization = index === 0 ? 'acme' : null;
      await audit.add({ id: index + 1, ...entry, act, organization, previousHash: '0', hash: '1' });
    }
    expect((await alerts.page({ organization: null, before: null, limit: 9 })).map(({ act }) => act)).toEqual([
      'alert.y',
      'alert.x',
    ]);
    expect((await alerts.page({ organization: 'acme', before: null, limit: 9 })).map(({ act }) => act)).toEqual([
      'alert.x',
    ]);
    expect(await alerts.page({ organization: null, before: null, limit: 1 })).toHaveLength(1);
  });

  test('several instances of the service let no wrong code more through than one [S15]', async () => {
    // Two connections of one process to SQLite wait for one another: there processes of their own are tried, in claim-codes.test.ts.
    const count = typeof location === 'string' ? 1 : 3;
    const stores = await Promise.all(Array.from({ length: count }, () => openManagementStore(location, 'write')));
    const attempted = { serial: serial('S1'), organization: acme };
    const tries = Array.from({ length: 30 }, (_, index) => {
      const instance = { store: stores[index % count] ?? store, now: () => at(10_000), randomBytes };
      const attempt = countAttempt(instance, memberOf('acme', 'installer'), attempted);
      return attempt.then(
        () => true,
        () => false,
      );
    });
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(MAX_WRONG_CODES.device);
    await Promise.all(stores.map((one) => one.close()));
  });
});

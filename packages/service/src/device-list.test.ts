import { randomUUID } from 'node:crypto';
import type { Device } from '@windlass/management';
import { digestOf, parseSerial, type Serial, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listDevices, MAX_LOOKED_AT } from './device-list.ts';
import type { Management } from './management.ts';
import { addManufacturer } from './manufacturers.ts';
import { addNetwork } from './networks.ts';
import { addOrganization } from './organizations.ts';
import type { SeenDevice } from './store/ports.ts';
import { admin, approverOf, type Fixture, openFixture, opensslCertificate } from './testing/management-fixture.ts';

const ORGANIZATION_DEVICES = 100_000;
const manufacturer = digestOf('maker');
let fixture: Fixture;

beforeEach(async () => {
  fixture = await openFixture();
  for (const name of ['acme', 'rival']) await addOrganization(fixture.management, admin, { name });
  await addNetwork(fixture.management, approverOf('acme'), { organization: 'acme', name: 'plant' });
  const maker = opensslCertificate({ commonName: 'Maker' });
  await addManufacturer(fixture.management, admin, { name: 'maker', certificate: maker.pem });
});
afterEach(() => fixture.close());

/** Claims as rows, without signing each: of `acme`, every tenth of them on the network `plant`. */
function fill(count: number, owner: string | null = 'acme', from = 0): void {
  const file = new Sqlite(fixture.databaseFile);
  file
    .prepare(
      `with recursive numbers(n) as (select @from union all select n + 1 from numbers where n + 1 < @from + @count)
       insert into claims (manufacturer, serial, generation, ownership, organization, network, epoch, expires, digest, key_digest,
         payload, signature, created)
       select @manufacturer, printf('S-%06d', n), 1, 1, @owner, case when n % 10 = 0 then 'plant' end, 1, 4000000000, @manufacturer,
         null, '', '', 0 from numbers`,
    )
    .run({ from, count, owner, manufacturer });
  file.close();
}

function seenDevice(serial: Serial, lastOutcome: SeenDevice['lastOutcome'], by = manufacturer): SeenDevice {
  const [firstSeen, lastSeen] = [unixSeconds(10), unixSeconds(20)];
  return {
    manufacturer: by,
    serial,
    key: digestOf(serial),
    firstSeen,
    lastSeen,
    lastOutcome,
    lastReport: null,
    lastTrouble: null,
  };
}

/** The same management side, which counts the rows that come out of either database. */
function counting(management: Management): { readonly management: Management; readonly rows: () => number } {
  let rows = 0;
  const counted = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const member = Reflect.get(target, name);
        if (typeof member === 'object' && member !== null) return counted(member);
        if (typeof member !== 'function') return member;
        return async (...input: unknown[]) => {
          const result: unknown = await member.apply(target, input);
          rows += Array.isArray(result) ? result.length : 1;
          return result;
        };
      },
    });
  const { store, devices } = management;
  const watched = { ...management, devices: counted(devices), store: { ...store, tables: counted(store.tables) } };
  return { management: watched, rows: () => rows };
}

describe('an organization with 100 000 devices', () => {
  test('a page reads little more than its rows, the first, one in the middle, and with every filter', async () => {
    fill(ORGANIZATION_DEVICES);
    for (let n = 0; n < 100; n += 1)
      fixture.seen.push(seenDevice(parseSerial(`S-${String(n).padStart(6, '0')}`), 'granted'));
    const { management, rows } = counting(fixture.management);
    const limit = 50;
    let before = 0;
    const read = async (query: object) => {
      const page = await listDevices(management, { organization: 'acme', limit, ...query });
      const now = rows() - before;
      before = rows();
      return { ...page, read: now };
    };
    const first = await read({});
    expect(first.items.map(({ serial }) => serial)).toEqual(
      first.items.map((_, n) => `S-${String(n).padStart(6, '0')}`),
    );
    const second = await read({ after: first.next });
    expect(second.items[0]?.serial).toBe('S-000050');
    const prefixed = await read({ serialPrefix: 'S-0999' });
    expect(prefixed.items[0]?.serial).toBe('S-099900');
    const placed = await read({ network: 'plant' });
    expect(placed.items.map(({ network }) => network)).toEqual(Array(limit).fill('plant'));
    const unplaced = await read({ unplaced: true });
    expect(unplaced.items.map(({ network }) => network)).toEqual(Array(limit).fill(null));
    for (const page of [first, second, prefixed, placed, unplaced]) {
      expect(page.items).toHaveLength(limit);
      // Claims, what was seen of them, and a handful of manufacturers and organizations.
      expect(page.read).toBeLessThan(3 * limit);
    }
    const told = await read({ lastOutcome: 'granted', limit: 1_000 });
    expect(told.items).toHaveLength(100);
    expect(told.next).not.toBeNull();
    expect(told.read).toBeLessThan(2 * MAX_LOOKED_AT);
    const none = await read({ lastOutcome: 'refused' });
    expect(none.items).toEqual([]);
    expect(none.next).not.toBeNull();
    expect(none.read).toBeLessThan(2 * MAX_LOOKED_AT);
    const all = await listDevices(management, { limit });
    expect(rows() - before).toBeLessThan(6 * limit);
    expect(all.items).toHaveLength(limit);
  });
});

async function all(query: object): Promise<Device[]> {
  const devices: Device[] = [];
  for (let after: string | undefined; ; ) {
    const page = await listDevices(fixture.management, { ...query, limit: 7, after });
    devices.push(...page.items);
    if (page.next === null) return devices;
    after = page.next;
  }
}

test('all pages together are every device once, wherever it is known: claimed, released, only seen', async () => {
  fill(20, 'acme');
  fill(10, 'rival', 20);
  fill(5, null, 30);
  const other = digestOf('other maker');
  const serials = Array.from({ length: 40 }, (_, n) => parseSerial(`S-${String(n).padStart(6, '0')}`));
  for (const serial of serials)
    fixture.seen.push(seenDevice(serial, 'granted'), seenDevice(serial, 'unclaimed', other));
  const devices = await all({});
  expect(devices).toHaveLength(80);
  const ids = devices.map(({ serial, keyFingerprint, manufacturer: maker }) => `${serial} ${maker} ${keyFingerprint}`);
  expect(devices.map(({ serial }) => serial)).toEqual(devices.map(({ serial }) => serial).sort());
  expect(new Set(ids).size).toBe(80);
  expect(devices.filter(({ organization }) => organization !== null)).toHaveLength(30);
  expect(await all({ organization: 'rival' })).toHaveLength(10);
  expect(await all({ unplaced: false })).toHaveLength(3);
  expect(await all({ serialPrefix: 'S-00003' })).toHaveLength(20);
  expect(await all({ lastOutcome: 'unclaimed' })).toHaveLength(40);
  expect(await all({ organization: 'acme', lastOutcome: 'granted' })).toHaveLength(20);
  expect(await all({ organization: 'acme', lastOutcome: 'never' })).toHaveLength(0);
});

test('what was told to the owner before is not what this one was told last', async () => {
  fill(1);
  fixture.seen.push(seenDevice(parseSerial('S-000000'), 'granted'));
  expect(await all({ organization: 'acme', lastOutcome: 'granted' })).toHaveLength(1);
  const file = new Sqlite(fixture.databaseFile);
  const later = (fixture.management.now() + 1) as UnixSeconds;
  file
    .prepare(
      'insert into claims select manufacturer, serial, 2, 2, organization, network, epoch, expires, ?, key_digest, payload, signature, ? from claims',
    )
    .run(digestOf(randomUUID()), later);
  file.close();
  expect(await all({ organization: 'acme', lastOutcome: 'granted' })).toHaveLength(0);
  expect(await all({ organization: 'acme', lastOutcome: 'never' })).toHaveLength(1);
});

import { join } from 'node:path';
import type { UnixSeconds } from '@windlass/protocol';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportAudit, verifyAudit } from './audit.ts';
import { digestDecisions, digestHours } from './decision-digests.ts';
import type { Management } from './management.ts';
import { openDeviceReader } from './store/device-reader.ts';
import { openDeviceStore } from './store/device-store.ts';
import type { DeviceReader } from './store/ports.ts';
import { admin, type Fixture, openFixture } from './testing/management-fixture.ts';

const HOUR = 3600;
let fixture: Fixture;
let devices: DeviceReader;
let file: string;
let start: number;

beforeEach(async () => {
  fixture = await openFixture();
  file = join(fixture.directory, 'device.db');
  await (await openDeviceStore(file, 'create')).close();
  devices = await openDeviceReader(file);
  const now = fixture.management.now();
  start = now - (now % HOUR);
  // An hour that has just ended, so that nothing is due but what a test lets pass.
  fixture.advance(start - now + HOUR + 1);
});

afterEach(async () => {
  await devices.close();
  await fixture.close();
});

const management = (): Management => ({ ...fixture.management, devices });

function decide(time: number, count: number, outcome = 'granted', letter = 'n'): void {
  const database = new Sqlite(file);
  const columns = 'manufacturer, serial, nonce, reused_by, request, key, time, outcome, payload, signature';
  const insert = database.prepare(
    `insert into decisions (${columns}) values ('m', ?, ?, '', 'r', 'k', ?, ?, '{}', 's')`,
  );
  database.transaction(() => {
    for (let index = 0; index < count; index++) insert.run(`S-${index % 7}`, `${letter}${index}`, time, outcome);
  })();
  database.close();
}

async function digests() {
  const { entries } = await exportAudit(fixture.management, {
    organization: null,
    act: 'decision.digest',
    limit: 1000,
  });
  return entries.map(({ detail }) => detail);
}

test('an hour is in the audit when it has ended and settled, with a count of each outcome', async () => {
  decide(start, 3);
  decide(start + HOUR - 1, 2, 'refused', 'x');
  expect(await digestHours(management())).toBe(0);
  fixture.advance(300);
  expect(await digestHours(management())).toBe(1);
  const [only] = await digests();
  expect(only).toMatchObject({ decisions: 5, outcomes: { granted: 3, refused: 2 } });
  const { before, after, ...digest } = only ?? {};
  expect([before, after]).toEqual([null, { decisions: 5 }]);
  expect(await digestDecisions(management(), admin, { hour: String(digest['hour']) })).toEqual(digest);
  expect(await verifyAudit(fixture.management.store.tables.audit)).toBe('intact');
});

test('hours that were missed are made up, those without decisions too; a second run adds nothing', async () => {
  decide(start, 1);
  decide(start + 3 * HOUR, 2500, 'granted', 'x');
  fixture.advance(5 * HOUR);
  expect(await digestHours(management())).toBe(5);
  expect((await digests()).map(({ decisions }) => decisions)).toEqual([1, 0, 0, 2500, 0]);
  expect(await digestHours(management())).toBe(0);
});

test('of two instances only one writes an hour', async () => {
  decide(start, 10);
  fixture.advance(6 * HOUR);
  const counts = await Promise.all([digestHours(management()), digestHours(management())]);
  expect(counts.reduce((sum, count) => sum + count)).toBe(6);
  expect(await digests()).toHaveLength(6);
  expect(await verifyAudit(fixture.management.store.tables.audit)).toBe('intact');
});

test.each([
  ['changed', "update decisions set outcome = 'refused' where nonce = 'n3'"],
  ['taken away', "delete from decisions where nonce = 'n3'"],
  ['added', "update decisions set nonce = 'n99' where nonce = 'n3'"],
])('a decision that was %s afterwards is found', async (_, statement) => {
  decide(start, 10);
  fixture.advance(HOUR);
  await digestHours(management());
  const [kept] = await digests();
  const database = new Sqlite(file);
  database.exec(`drop trigger decisions_no_update; drop trigger decisions_no_delete; ${statement}`);
  database.close();
  const now = await digestDecisions(management(), admin, { hour: String(kept?.['hour']) });
  expect(now.sha256).not.toBe(kept?.['sha256']);
});

test('only whole hours have a digest', async () => {
  const hour = '2027-01-31T08:00:01Z';
  await expect(digestDecisions(management(), admin, { hour })).rejects.toMatchObject({ code: 'invalid-request' });
});

test('without any decision there is nothing to sum up', async () => {
  fixture.advance(48 * HOUR);
  expect(await digestHours(management())).toBe(0);
  expect(((await devices.firstDecision()) ?? 0) as UnixSeconds).toBe(0);
});

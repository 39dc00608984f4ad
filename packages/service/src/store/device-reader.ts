// What the management side reads of device.db: devices that were seen, what they reported, what they were presented.
import {
  type DeviceId,
  parseDigest,
  parseNonce,
  parseOrganizationId,
  type Report,
  unixSeconds,
} from '@windlass/protocol';
import type { Kysely, Selectable } from 'kysely';
import { type DatabaseLocation, openDatabase } from './database.ts';
import { decisionsAfter, firstDecision } from './device-decisions.ts';
import { purgeOf } from './device-purge.ts';
import { DEVICE_DATABASE, type DeviceDatabase } from './device-schema.ts';
import { deviceOf, keyOf } from './device-store.ts';
import type { DeviceReader, SeenDevice, StoredObservation, StoredReport, StoredTrouble } from './ports.ts';
import { behindPrefix } from './serial-prefix.ts';

/** Most rows that a list gives. */
const MAX_ROWS = 100_000;

/** Reads what is at `location`, which cannot be written through it. @throws StoreError */
export async function openDeviceReader(location: DatabaseLocation): Promise<DeviceReader> {
  const { database, close } = await openDatabase<DeviceDatabase>(location, DEVICE_DATABASE, 'read');
  return createDeviceReader(database, close);
}

/** The reader over an open database that has every migration. */
export function createDeviceReader(database: Kysely<DeviceDatabase>, close: () => Promise<void>): DeviceReader {
  return {
    firstDecision: () => firstDecision(database),
    decisions: (after, until, limit) => decisionsAfter(database, after, until, limit),
    keyOf: (device) => keyOf(database, device),
    devices: async ({ serial }) =>
      (await selectDevices(database).where('devices.serial', '=', serial).execute()).map(seenDeviceOf),
    amongSerials: async (serials) => {
      if (serials.length === 0) return [];
      return (await selectDevices(database).where('devices.serial', 'in', serials).execute()).map(seenDeviceOf);
    },
    page: async ({ after, limit, serialPrefix }) => {
      let query = selectDevices(database).limit(limit);
      if (serialPrefix !== undefined) {
        const behind = behindPrefix(serialPrefix);
        query = query.where('devices.serial', '>=', serialPrefix).where('devices.serial', '<', behind);
      }
      if (after !== null) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('devices.serial', 'devices.manufacturer'), '>', tuple(after.serial, after.manufacturer)),
        );
      }
      return (await query.execute()).map(seenDeviceOf);
    },
    device: (device) => deviceBy(database, device),
    purgeOf: (device, former, since) => purgeOf(database, device, { former, since }),
    observations: async ({ organization } = {}) => {
      const all = database.selectFrom('observations').selectAll().orderBy('last_seen', 'desc').orderBy('fingerprint');
      const some = organization === undefined ? all : all.where('organization', '=', organization);
      return (await some.limit(MAX_ROWS).execute()).map(observationOf);
    },
    close,
  };
}

async function deviceBy(database: Kysely<DeviceDatabase>, device: DeviceId): Promise<SeenDevice | null> {
  const { manufacturer, serial } = device;
  const query = selectDevices(database).where('devices.manufacturer', '=', manufacturer);
  const row = await query.where('devices.serial', '=', serial).executeTakeFirst();
  return row === undefined ? null : seenDeviceOf(row);
}

/** Devices with their last report. */
function selectDevices(database: Kysely<DeviceDatabase>) {
  return database
    .selectFrom('devices')
    .leftJoin('reports', (join) =>
      join
        .onRef('reports.manufacturer', '=', 'devices.manufacturer')
        .onRef('reports.serial', '=', 'devices.serial')
        .on('reports.counter', '=', (expression) =>
          expression
            .selectFrom('reports as newest')
            .select(({ fn }) => fn.max('newest.counter').as('counter'))
            .whereRef('newest.manufacturer', '=', 'devices.manufacturer')
            .whereRef('newest.serial', '=', 'devices.serial'),
        ),
    )
    .selectAll('devices')
    .select(['reports.counter', 'reports.nonce', 'reports.time', 'reports.payload'])
    .orderBy('devices.serial')
    .orderBy('devices.manufacturer')
    .limit(MAX_ROWS);
}

type DeviceRow = Awaited<ReturnType<ReturnType<typeof selectDevices>['execute']>>[number];

function seenDeviceOf(row: DeviceRow): SeenDevice {
  return {
    ...deviceOf(row),
    key: parseDigest(row.key),
    firstSeen: unixSeconds(Number(row.first_seen)),
    lastSeen: unixSeconds(Number(row.last_seen)),
    lastOutcome: row.last_outcome as SeenDevice['lastOutcome'],
    lastReport: reportOf(row),
    lastTrouble: troubleOf(row),
  };
}

function troubleOf({ trouble, trouble_since, trouble_until }: DeviceRow): StoredTrouble | null {
  if (trouble === null) return null;
  const times = { since: unixSeconds(Number(trouble_since)), until: unixSeconds(Number(trouble_until)) };
  return { code: trouble as StoredTrouble['code'], ...times };
}

function reportOf({ time, nonce, counter, payload }: DeviceRow): StoredReport | null {
  if (time === null || nonce === null || counter === null || payload === null) return null;
  // It was verified whole before it was stored.
  const report = JSON.parse(payload) as Report;
  return {
    time: unixSeconds(Number(time)),
    nonce: parseNonce(nonce),
    counter: Number(counter),
    phases: report.phases,
    code: report.code ?? null,
    profile: report.profile ?? null,
    stores: report.stores,
    removed: report.removed,
    endpoints: report.endpoints,
  };
}

function observationOf(row: Selectable<DeviceDatabase['observations']>): StoredObservation {
  return {
    organization: parseOrganizationId(row.organization),
    ...deviceOf(row),
    certificate: new Uint8Array(Buffer.from(row.certificate, 'base64')),
    fingerprint: row.fingerprint,
    topIsCa: row.top_is_ca === 1,
    issuer: row.issuer,
    issuerKeyId: row.issuer_key_id,
    firstSeen: unixSeconds(Number(row.first_seen)),
    lastSeen: unixSeconds(Number(row.last_seen)),
  };
}

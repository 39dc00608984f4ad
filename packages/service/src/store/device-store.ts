// The device side's store over kysely: rows in, our types out. Only this side writes device.db.
import {
  type DeviceId,
  type Digest,
  type Envelope,
  parseDigest,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseSerial,
  unixSeconds,
} from '@windlass/protocol';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type DatabaseLocation, openDatabase } from './database.ts';
import type { DecisionRecord, DeviceStore, NewObservation, NewTrouble, ReportRecord } from './device-ports.ts';
import { DEVICE_DATABASE, type DeviceDatabase } from './device-schema.ts';
import { inTransaction } from './transaction.ts';

/** Most observations that are kept of one device for one organization; the one seen last longest ago goes. */
export const MAX_OBSERVATIONS_PER_DEVICE = 32;

/** The store at `location`, current. @throws StoreError */
export async function openDeviceStore(
  location: DatabaseLocation,
  access: 'create' | 'write' = 'write',
): Promise<DeviceStore> {
  const { database, close } = await openDatabase<DeviceDatabase>(location, DEVICE_DATABASE, access);
  return createDeviceStore(database, close);
}

/** The store over an open database that has every migration. */
export function createDeviceStore(database: Kysely<DeviceDatabase>, close: () => Promise<void>): DeviceStore {
  return {
    pinKey: (device, key, now) => pinKey(database, device, key, now),
    decisionsFor: (device, nonce, request) => decisionsFor(database, device, nonce, request),
    appendDecision: (decision, observation) =>
      inTransaction(database, async (transaction) => {
        if (!(await insertDecision(transaction, decision))) return false;
        if (observation !== null) await insertObservation(transaction, observation, decision.time); // spec S8
        // Whoever recorded a request can send it again: that is not the device, and says nothing of it.
        if (decision.code === 'nonce-reused') return true;
        const seen = { last_seen: decision.time, last_outcome: decision.outcome };
        await ofDevice(transaction.updateTable('devices').set(seen), decision.device).execute();
        return true;
      }),
    reportOf: (device, counter) => reportOf(database, device, counter),
    appendReport: (report, trouble) =>
      inTransaction(database, async (transaction) => {
        if (!(await insertReport(transaction, report))) return false;
        if (trouble !== null) await setTrouble(transaction, report, trouble);
        return true;
      }),
    ping: async () => {
      await sql`select 1`.execute(database);
    },
    close,
  };
}

type Connection = Kysely<DeviceDatabase> | Transaction<DeviceDatabase>;

/** Narrows a query to the rows of one device. */
function ofDevice<Query extends { where(column: 'manufacturer' | 'serial', operator: '=', value: string): Query }>(
  query: Query,
  { manufacturer, serial }: DeviceId,
): Query {
  return query.where('manufacturer', '=', manufacturer).where('serial', '=', serial);
}

async function pinKey(database: Connection, device: DeviceId, key: Digest, now: number): Promise<Digest> {
  const pinned = await keyOf(database, device);
  if (pinned !== null) return pinned;
  const row = { manufacturer: device.manufacturer, serial: device.serial, key, first_seen: now, last_seen: now };
  const insert = database.insertInto('devices').values({ ...row, last_outcome: null });
  await insert.onConflict((conflict) => conflict.doNothing()).execute();
  // Another instance may have been first with another key.
  return (await keyOf(database, device)) ?? key;
}

/** The key that was seen first for the device; null before. */
export async function keyOf(database: Connection, device: DeviceId): Promise<Digest | null> {
  const row = await ofDevice(database.selectFrom('devices').select('key'), device).executeTakeFirst();
  return row === undefined ? null : parseDigest(row.key);
}

async function decisionsFor(
  database: Connection,
  device: DeviceId,
  nonce: string,
  request: string,
): Promise<readonly DecisionRecord[]> {
  const query = ofDevice(database.selectFrom('decisions').selectAll(), device)
    .where('nonce', '=', nonce)
    .where('reused_by', 'in', ['', request]);
  return (await query.orderBy('reused_by').execute()).map(decisionOf);
}

async function insertDecision(database: Connection, decision: DecisionRecord): Promise<boolean> {
  const { device, envelope, ...rest } = decision;
  const reused_by = rest.code === 'nonce-reused' ? rest.request : '';
  const insert = database.insertInto('decisions').values({ ...device, ...rest, reused_by, ...envelope });
  const done = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
  return done.numInsertedOrUpdatedRows === 1n;
}

async function insertObservation(database: Connection, observation: NewObservation, now: number): Promise<void> {
  const { organization, manufacturer, serial, fingerprint, certificate, topIsCa, issuer, issuerKeyId } = observation;
  const key = { organization, manufacturer, serial, fingerprint };
  const row = {
    ...key,
    certificate: Buffer.from(certificate).toString('base64'),
    top_is_ca: topIsCa ? 1 : 0,
    issuer,
    issuer_key_id: issuerKeyId,
    first_seen: now,
    last_seen: now,
  };
  const columns = ['organization', 'manufacturer', 'serial', 'fingerprint'] as const;
  const insert = database.insertInto('observations').values(row);
  await insert.onConflict((conflict) => conflict.columns([...columns]).doUpdateSet({ last_seen: now })).execute();
  await dropOldObservations(database, observation);
}

/** A device that is shown a new chain each time must not fill the disk. */
async function dropOldObservations(database: Connection, { organization, ...device }: NewObservation): Promise<void> {
  const mine = database.selectFrom('observations').select('fingerprint').where('organization', '=', organization);
  const old = await ofDevice(mine, device)
    .orderBy('last_seen', 'desc')
    .orderBy('fingerprint')
    .limit(MAX_OBSERVATIONS_PER_DEVICE)
    .offset(MAX_OBSERVATIONS_PER_DEVICE)
    .execute();
  if (old.length === 0) return;
  const remove = ofDevice(database.deleteFrom('observations').where('organization', '=', organization), device);
  await remove
    .where(
      'fingerprint',
      'in',
      old.map(({ fingerprint }) => fingerprint),
    )
    .execute();
}

async function reportOf(database: Connection, device: DeviceId, counter: number): Promise<ReportRecord | null> {
  const query = ofDevice(database.selectFrom('reports').selectAll(), device).where('counter', '=', counter);
  const row = await query.executeTakeFirst();
  return row === undefined ? null : reportRecordOf(row);
}

async function insertReport(database: Connection, record: ReportRecord): Promise<boolean> {
  const { device, report, acknowledgement, ...rest } = record;
  // First of all, so that of two reports of one device the second waits for the first.
  await ofDevice(database.updateTable('devices').set({ last_seen: record.time }), device).execute();
  const above = ofDevice(database.selectFrom('reports').select('counter'), device).where('counter', '>=', rest.counter);
  if ((await above.limit(1).executeTakeFirst()) !== undefined) return false;
  const acknowledged = {
    acknowledgement_payload: acknowledgement.payload,
    acknowledgement_signature: acknowledgement.signature,
  };
  const insert = database.insertInto('reports').values({ ...device, ...rest, ...report, ...acknowledged });
  const done = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
  return done.numInsertedOrUpdatedRows === 1n;
}

async function setTrouble(database: Connection, { device, time }: ReportRecord, trouble: NewTrouble): Promise<void> {
  const last = { trouble: trouble.code, trouble_since: trouble.since, trouble_until: time };
  await ofDevice(database.updateTable('devices').set(last), device).execute();
}

function decisionOf(row: Selectable<DeviceDatabase['decisions']>): DecisionRecord {
  return {
    device: deviceOf(row),
    nonce: parseNonce(row.nonce),
    request: parseDigest(row.request),
    key: parseDigest(row.key),
    time: unixSeconds(Number(row.time)),
    outcome: row.outcome as DecisionRecord['outcome'],
    code: row.code as DecisionRecord['code'],
    organization: row.organization === null ? null : parseOrganizationId(row.organization),
    network: row.network === null ? null : parseNetworkId(row.network),
    claim: row.claim === null ? null : parseDigest(row.claim),
    profile: row.profile === null ? null : parseDigest(row.profile),
    envelope: envelopeOf(row),
  };
}

function reportRecordOf(row: Selectable<DeviceDatabase['reports']>): ReportRecord {
  return {
    device: deviceOf(row),
    nonce: parseNonce(row.nonce),
    counter: Number(row.counter),
    digest: parseDigest(row.digest),
    time: unixSeconds(Number(row.time)),
    report: envelopeOf(row),
    acknowledgement: { payload: row.acknowledgement_payload, signature: row.acknowledgement_signature },
  };
}

/** The device that a row is about. */
export function deviceOf({ manufacturer, serial }: { manufacturer: string; serial: string }): DeviceId {
  return { manufacturer: parseDigest(manufacturer), serial: parseSerial(serial) };
}

function envelopeOf({ payload, signature }: { payload: string; signature: string }): Envelope {
  return { payload, signature };
}

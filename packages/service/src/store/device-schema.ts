// The rows of device.db, and how its tables came about in SQLite and PostgreSQL: forward only. Times are Unix seconds, digests
// and certificates base64, booleans 0 or 1. Triggers keep rows from being rewritten.
import type { Kysely } from 'kysely';
import { makeAppendOnly, makeColumnsFixed } from './append-only.ts';
import { type Columns, createTable } from './create-table.ts';
import type { DatabaseKind } from './database-kind.ts';
import { indexDecisions } from './migrations/device-0002-decisions-by-time.ts';
import { addTroubles } from './migrations/device-0003-troubles.ts';

/** Table by table; what a column means is in device-ports.ts and ports.ts. */
export interface DeviceDatabase {
  devices: {
    manufacturer: string;
    serial: string;
    key: string;
    first_seen: number;
    last_seen: number;
    last_outcome: string | null;
    trouble: string | null;
    trouble_since: number | null;
    /** When the report that says it came. */
    trouble_until: number | null;
  };
  decisions: {
    manufacturer: string;
    serial: string;
    nonce: string;
    /** Empty for the answer to the nonce; the request's digest for a refusal with `nonce-reused`. */
    reused_by: string;
    request: string;
    key: string;
    time: number;
    outcome: string;
    code: string | null;
    organization: string | null;
    network: string | null;
    claim: string | null;
    profile: string | null;
    payload: string;
    signature: string;
  };
  observations: {
    organization: string;
    manufacturer: string;
    serial: string;
    fingerprint: string;
    certificate: string;
    top_is_ca: number;
    issuer: string;
    issuer_key_id: string | null;
    first_seen: number;
    last_seen: number;
  };
  reports: {
    manufacturer: string;
    serial: string;
    counter: number;
    nonce: string;
    digest: string;
    time: number;
    payload: string;
    signature: string;
    acknowledgement_payload: string;
    acknowledgement_signature: string;
  };
}

/** What device.db is. */
export const DEVICE_DATABASE: DatabaseKind = {
  name: 'device',
  migrations: {
    '0001-first': { up: createFirst },
    '0002-decisions-by-time': { up: indexDecisions },
    '0003-troubles': { up: addTroubles },
  },
};

async function createFirst(database: Kysely<unknown>): Promise<void> {
  await createDevices(database);
  await createDecisions(database);
  await createObservations(database);
  await createReports(database);
}

async function createKeyed(
  database: Kysely<unknown>,
  name: string,
  columns: Columns,
  key: readonly string[],
): Promise<void> {
  await createTable(database, name, columns, (table) => table.addPrimaryKeyConstraint(`${name}_key`, [...key]));
}

async function createDevices(database: Kysely<unknown>): Promise<void> {
  const columns: Columns = {
    manufacturer: 'text',
    serial: 'text',
    key: 'text',
    first_seen: 'bigint',
    last_seen: 'bigint',
    last_outcome: 'text?',
  };
  await createKeyed(database, 'devices', columns, ['manufacturer', 'serial']);
  await database.schema.createIndex('devices_by_serial').on('devices').column('serial').execute();
  await makeColumnsFixed(database, 'devices', ['manufacturer', 'serial', 'key', 'first_seen']);
}

/** One answer per (device, nonce), and one refusal for each request that came too late or used the nonce again: the key says so. */
async function createDecisions(database: Kysely<unknown>): Promise<void> {
  const columns: Columns = {
    manufacturer: 'text',
    serial: 'text',
    nonce: 'text',
    reused_by: 'text',
    request: 'text',
    key: 'text',
    time: 'bigint',
    outcome: 'text',
    code: 'text?',
    organization: 'text?',
    network: 'text?',
    claim: 'text?',
    profile: 'text?',
    payload: 'text',
    signature: 'text',
  };
  await createKeyed(database, 'decisions', columns, ['manufacturer', 'serial', 'nonce', 'reused_by']);
  await makeAppendOnly(database, 'decisions');
}

async function createObservations(database: Kysely<unknown>): Promise<void> {
  const columns: Columns = {
    organization: 'text',
    manufacturer: 'text',
    serial: 'text',
    fingerprint: 'text',
    certificate: 'text',
    top_is_ca: 'integer',
    issuer: 'text',
    issuer_key_id: 'text?',
    first_seen: 'bigint',
    last_seen: 'bigint',
  };
  await createKeyed(database, 'observations', columns, ['organization', 'manufacturer', 'serial', 'fingerprint']);
  const fixed = Object.keys(columns).filter((column) => column !== 'last_seen');
  await makeColumnsFixed(database, 'observations', fixed);
}

async function createReports(database: Kysely<unknown>): Promise<void> {
  const columns: Columns = {
    manufacturer: 'text',
    serial: 'text',
    counter: 'bigint',
    nonce: 'text',
    digest: 'text',
    time: 'bigint',
    payload: 'text',
    signature: 'text',
    acknowledgement_payload: 'text',
    acknowledgement_signature: 'text',
  };
  await createKeyed(database, 'reports', columns, ['manufacturer', 'serial', 'counter']);
  await makeAppendOnly(database, 'reports');
}

// The management store over kysely: rows in, our types out. One object of tables per connection or transaction.
import type { Kysely } from 'kysely';
import { approvalTable, twoPersonTable } from './approval-tables.ts';
import { type DatabaseLocation, openDatabase } from './database.ts';
import { failedAttemptTable } from './failed-attempt-table.ts';
import { keptAnswerTable } from './idempotency-table.ts';
import { alertTable, auditTable } from './management-audit-table.ts';
import { inspectionCaTable } from './management-ca-table.ts';
import { managementDatabase } from './management-migrations.ts';
import { nextEpochTable } from './management-next-epoch-table.ts';
import {
  endpointTable,
  manufacturerTable,
  networkTable,
  organizationTable,
  registeredDeviceTable,
} from './management-owner-tables.ts';
import {
  commandLoginTable,
  decisionDigestTable,
  identityTable,
  peopleTable,
  sessionTable,
  tokenTable,
} from './management-people-tables.ts';
import type { ManagementStore, ManagementTables } from './management-ports.ts';
import { jobTable, publisherTable } from './management-publisher-tables.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { claimTable, profileTable } from './management-signed-tables.ts';
import { manifestTable, ownershipTable } from './manifest-tables.ts';
import { observationMarkTable } from './observation-mark-table.ts';
import { inTurn, nested } from './transaction.ts';
import { claimAttemptTable, deviceNameTable, transferTable } from './transfer-tables.ts';

/**
 * The store at `location`, current and open for writing.
 * @throws StoreError as `openDatabase`
 */
export async function openManagementStore(
  location: DatabaseLocation,
  access: 'create' | 'write',
): Promise<ManagementStore> {
  const { database, close } = await openDatabase<ManagementDatabase>(location, managementDatabase, access);
  return { ...createManagementStore(database), close };
}

/** The store over an open database that is current. Closing it is up to whoever opened it. */
export function createManagementStore(database: Kysely<ManagementDatabase>): Omit<ManagementStore, 'close'> {
  return {
    tables: tablesOf(database),
    transaction: (work) => inTurn(database, 'audit', (transaction) => work(tablesOf(transaction))),
  };
}

/** The tables over a database or one transaction of it. */
export function tablesOf(database: Kysely<ManagementDatabase>): ManagementTables {
  return {
    manufacturers: manufacturerTable(database),
    registeredDevices: registeredDeviceTable(database),
    organizations: organizationTable(database),
    networks: networkTable(database),
    endpoints: endpointTable(database),
    inspectionCas: inspectionCaTable(database),
    observationMarks: observationMarkTable(database),
    publishers: publisherTable(database),
    claims: claimTable(database),
    profiles: profileTable(database),
    nextEpoch: nextEpochTable(database),
    jobs: jobTable(database),
    people: peopleTable(database),
    identities: identityTable(database),
    tokens: tokenTable(database),
    sessions: sessionTable(database),
    commandLogins: commandLoginTable(database),
    decisionDigests: decisionDigestTable(database),
    failedAttempts: failedAttemptTable(database),
    manifests: manifestTable(database),
    claimAttempts: claimAttemptTable(database),
    transfers: transferTable(database),
    deviceNames: deviceNameTable(database),
    ownerships: ownershipTable(database),
    alerts: alertTable(database),
    keptAnswers: keptAnswerTable(database),
    approvals: approvalTable(database),
    twoPersonRules: twoPersonTable(database),
    audit: auditTable(database),
    nested: (work) => nested(database, work),
  };
}

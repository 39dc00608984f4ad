// The management store over kysely: rows in, our types out. One object of tables per connection or transaction.
import type { Kysely } from 'kysely';
import { auditTable } from './management-audit-table.ts';
import { inspectionCaTable } from './management-ca-table.ts';
import { managementDatabase } from './management-migrations.ts';
import {
  endpointTable,
  manufacturerTable,
  networkTable,
  organizationTable,
  registeredDeviceTable,
  tokenTable,
} from './management-owner-tables.ts';
import type { ManagementStore, ManagementTables } from './management-ports.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { claimTable, profileTable } from './management-signed-tables.ts';
import { openDatabase } from './sqlite.ts';

/**
 * The store of management.db, current and open for writing.
 * @throws StoreError as `openDatabase`
 */
export async function openManagementStore(file: string, access: 'create' | 'write'): Promise<ManagementStore> {
  const { database, close } = await openDatabase<ManagementDatabase>(file, managementDatabase, access);
  return { ...createManagementStore(database), close };
}

/** The store over an open database that is current. Closing it is up to whoever opened it. */
export function createManagementStore(database: Kysely<ManagementDatabase>): Omit<ManagementStore, 'close'> {
  return {
    tables: tablesOf(database),
    transaction: (work) => database.transaction().execute((transaction) => work(tablesOf(transaction))),
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
    claims: claimTable(database),
    profiles: profileTable(database),
    tokens: tokenTable(database),
    audit: auditTable(database),
  };
}

// The management store over kysely: rows in, our types out. One object of tables per connection or transaction.
import type { Kysely } from 'kysely';
import { auditTable } from './management-audit-table.ts';
import { inspectionCaTable } from './management-ca-table.ts';
import {
  endpointTable,
  manufacturerTable,
  networkTable,
  organizationTable,
  tokenTable,
} from './management-owner-tables.ts';
import type { ManagementStore, ManagementTables } from './management-ports.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { claimTable, profileTable } from './management-signed-tables.ts';

/** The store over an open database that has been migrated with `managementMigrations`. */
export function createManagementStore(database: Kysely<ManagementDatabase>): ManagementStore {
  return {
    tables: tablesOf(database),
    transaction: (work) => database.transaction().execute((transaction) => work(tablesOf(transaction))),
  };
}

/** The tables over a database or one transaction of it. */
export function tablesOf(database: Kysely<ManagementDatabase>): ManagementTables {
  return {
    manufacturers: manufacturerTable(database),
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

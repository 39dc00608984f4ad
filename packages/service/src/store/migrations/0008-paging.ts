// Migration 0008, second part: the orders in which lists are gone through, so that a page costs no more than its rows.
import type { Kysely } from 'kysely';

/** Each long list has an index in its order. */
export async function indexLists(database: Kysely<unknown>): Promise<void> {
  const indexes = [
    ['claims_in_organization_by_serial', 'claims', ['organization', 'serial', 'manufacturer', 'generation']],
    ['claims_by_serial_and_manufacturer', 'claims', ['serial', 'manufacturer', 'generation']],
    ['manifest_devices_in_order', 'manifest_devices', ['serial', 'manufacturer']],
    ['tokens_in_order', 'tokens', ['organization', 'created', 'id']],
    ['sessions_in_order', 'sessions', ['organization', 'created', 'id']],
    ['transfers_in_order', 'transfers', ['offered', 'id']],
    ['approvals_in_order', 'approvals', ['organization', 'requested', 'id']],
  ] as const;
  for (const [name, table, columns] of indexes) {
    await database.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute();
  }
}

// Migration 0003 of the device side: why a device was last offline, kept beside it when later reports say nothing of it.
import type { ColumnDataType, Kysely } from 'kysely';

/** A device has its last trouble, since when and until when; null where it reported none. */
export async function addTroubles(database: Kysely<unknown>): Promise<void> {
  const added: readonly (readonly [string, ColumnDataType])[] = [
    ['trouble', 'text'],
    ['trouble_since', 'bigint'],
    ['trouble_until', 'bigint'],
  ];
  for (const [name, type] of added) await database.schema.alterTable('devices').addColumn(name, type).execute();
}

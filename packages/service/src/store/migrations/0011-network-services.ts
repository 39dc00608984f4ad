// Migration 0011: what endpoints say of themselves beside host and port, and what a network offers devices beside its way out.
import type { ColumnDataType, Kysely } from 'kysely';

/** What is prepared is with the network, what is published with the profile: `{}` where nobody said anything. */
export async function addNetworkServices(database: Kysely<unknown>): Promise<void> {
  const details: readonly (readonly [string, ColumnDataType])[] = [
    ['path', 'text'],
    ['alpn', 'text'],
    ['client_certificate', 'integer'],
    ['pins', 'text'],
  ];
  for (const [name, type] of details) await database.schema.alterTable('endpoints').addColumn(name, type).execute();
  for (const table of ['networks', 'profiles', 'staged_profiles']) {
    const changed = database.schema.alterTable(table);
    await changed.addColumn('services', 'text', (column) => column.notNull().defaultTo('{}')).execute();
  }
}

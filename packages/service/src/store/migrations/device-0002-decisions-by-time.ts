// Migration 0002 of the device side: decisions are found by hour, for the digest that the audit keeps of them.
import type { Kysely } from 'kysely';

/** Decisions are in an index by time, which grows at its end. */
export async function indexDecisions(database: Kysely<unknown>): Promise<void> {
  await database.schema.createIndex('decisions_by_time').on('decisions').column('time').execute();
}

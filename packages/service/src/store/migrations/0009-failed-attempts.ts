// Migration 0009: how often clients came with a wrong token or failed to log in, for all instances together.
import type { Kysely } from 'kysely';
import { createTable } from '../create-table.ts';

/** One row per client, which begins anew after a while; the oldest are forgotten. */
export async function createFailedAttempts(database: Kysely<unknown>): Promise<void> {
  await createTable(database, 'failed_attempts', { client: 'text key', since: 'bigint', count: 'integer' });
  await database.schema.createIndex('failed_attempts_by_since').on('failed_attempts').column('since').execute();
}

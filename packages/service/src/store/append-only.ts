// Triggers that keep rows as they were written, whatever program opens the database.
import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';

/** Rows of `table` can neither be changed nor taken away. To be called in a migration. */
export async function makeAppendOnly(database: Kysely<unknown>, table: string): Promise<void> {
  await forbid(database, table, 'update', `update on ${table}`);
  await forbid(database, table, 'delete', `delete on ${table}`);
  // SQLite has no truncate.
  if (isPostgres(database)) await forbid(database, table, 'truncate', `truncate on ${table}`);
}

/** These columns of `table` keep the value they were inserted with. To be called in a migration. */
export async function makeColumnsFixed(
  database: Kysely<unknown>,
  table: string,
  columns: readonly string[],
): Promise<void> {
  await forbid(database, table, 'update', `update of ${columns.join(', ')} on ${table}`);
}

type Verb = 'update' | 'delete' | 'truncate';

async function forbid(database: Kysely<unknown>, table: string, verb: Verb, event: string): Promise<void> {
  const trigger = `create trigger ${table}_no_${verb} before ${event}`;
  if (!isPostgres(database)) {
    const body = `select raise(abort, '${table} is append-only')`;
    await sql.raw(`${trigger} begin ${body}; end`).execute(database);
    return;
  }
  const body = `begin raise exception '% is append-only', tg_table_name; end`;
  await sql
    .raw(`create or replace function append_only() returns trigger language plpgsql as $$${body}$$`)
    .execute(database);
  const each = verb === 'truncate' ? 'statement' : 'row';
  await sql.raw(`${trigger} for each ${each} execute function append_only()`).execute(database);
}

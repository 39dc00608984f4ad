// Migration 0008: the answers to requests that carry a key, so that who asks twice is answered twice and served once.
import type { Kysely } from 'kysely';
import { type Columns, createTable } from '../create-table.ts';

/** Answers have their table: a key once for each person and organization. */
export async function createKeptAnswers(database: Kysely<unknown>): Promise<void> {
  const answer: Columns = {
    id: 'identity key',
    person: 'text',
    scope: 'text',
    key: 'text',
    request: 'text',
    status: 'bigint',
    answer: 'text?',
    time: 'bigint',
  };
  await createTable(database, 'kept_answers', answer, (table) =>
    table.addUniqueConstraint('kept_answers_key', ['person', 'scope', 'key']),
  );
  await database.schema.createIndex('kept_answers_by_time').on('kept_answers').column('time').execute();
}

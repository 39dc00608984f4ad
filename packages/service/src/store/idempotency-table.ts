// Answers that are kept for requests with a key.
import type { Kysely } from 'kysely';
import type { KeptAnswerTable, KeyOwner } from './management-ports-idempotency.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';

export function keptAnswerTable(database: Kysely<ManagementDatabase>): KeptAnswerTable {
  const of = ({ person, organization }: KeyOwner) =>
    database.selectFrom('kept_answers').where('person', '=', person).where('scope', '=', scopeOf(organization));
  return {
    async find(owner, key) {
      const found = await of(owner).selectAll().where('key', '=', key).executeTakeFirst();
      if (found === undefined) return null;
      const { request, status, answer, time } = found;
      return { request, answer, status: row.numberColumn(status), time: row.timeColumn(time) };
    },
    async add({ person, organization }, key, kept) {
      const values = { ...kept, person, key, scope: scopeOf(organization) };
      await database.insertInto('kept_answers').values(values).execute();
    },
    async forget(time) {
      await database.deleteFrom('kept_answers').where('time', '<=', time).execute();
    },
    async forgetOldest(owner, newest) {
      const oldest = await of(owner).select('id').orderBy('id', 'desc').offset(newest).limit(1).executeTakeFirst();
      if (oldest === undefined) return;
      await database
        .deleteFrom('kept_answers')
        .where('person', '=', owner.person)
        .where('scope', '=', scopeOf(owner.organization))
        .where('id', '<=', row.numberColumn(oldest.id))
        .execute();
    },
  };
}

/** Part of a key cannot be null; no organization has an empty name. */
const scopeOf = (organization: string | null): string => organization ?? '';

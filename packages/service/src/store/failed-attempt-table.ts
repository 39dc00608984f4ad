// Failed attempts per client, over kysely.
import type { Kysely } from 'kysely';
import type { FailedAttemptTable } from './management-ports-people.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';

export function failedAttemptTable(database: Kysely<ManagementDatabase>): FailedAttemptTable {
  return {
    async find(client) {
      const found = await database
        .selectFrom('failed_attempts')
        .selectAll()
        .where('client', '=', client)
        .executeTakeFirst();
      return found === undefined ? null : { client, since: row.timeColumn(found.since), count: found.count };
    },
    async put(failed) {
      const { since, count } = failed;
      await database
        .insertInto('failed_attempts')
        .values(failed)
        .onConflict((conflict) => conflict.column('client').doUpdateSet({ since, count }))
        .execute();
    },
    async keep({ after, before, most }) {
      await database
        .deleteFrom('failed_attempts')
        .where(({ eb, or }) => or([eb('since', '<=', after), eb('since', '>=', before)]))
        .execute();
      const tooMany = database
        .selectFrom('failed_attempts')
        .select('client')
        .orderBy('since', 'desc')
        .orderBy('client')
        // What each time leaves can be no more.
        .limit(most)
        .offset(most);
      await database.deleteFrom('failed_attempts').where('client', 'in', tooMany).execute();
    },
  };
}

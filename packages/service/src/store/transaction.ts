// Transactions that stay right when several instances write at once.
import { randomInt } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import { isPostgres } from './dialect.ts';
import { isGivenUp } from './postgres-errors.ts';

const MAX_ATTEMPTS = 5;
const MAX_WAIT_MILLISECONDS = 20;

/** All that `work` writes, or nothing. It is begun anew, a few times, when the database gave it up for another's sake. */
export async function inTransaction<Tables, Result>(
  database: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction().execute(work);
    } catch (cause) {
      if (attempt === MAX_ATTEMPTS || !isGivenUp(cause)) throw cause;
      await new Promise((resolve) => setTimeout(resolve, randomInt(attempt * MAX_WAIT_MILLISECONDS)));
    }
  }
}

/**
 * As `inTransaction`, one at a time among all instances: what `work` reads stays so until it ends. The lock is on `table`, so that
 * who may only read cannot hold it; readers do not wait. SQLite has one writer anyway.
 */
export async function inTurn<Tables, Result>(
  database: Kysely<Tables>,
  table: string,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  return inTransaction(database, async (transaction) => {
    if (isPostgres(transaction))
      await sql`lock table ${sql.table(table)} in share row exclusive mode`.execute(transaction);
    return work(transaction);
  });
}

/** Inside a transaction: all that `work` writes, or nothing when it throws; the transaction goes on. */
export async function nested<Tables, Result>(database: Kysely<Tables>, work: () => Promise<Result>): Promise<Result> {
  await sql`savepoint nested`.execute(database);
  try {
    const result = await work();
    await sql`release savepoint nested`.execute(database);
    return result;
  } catch (cause) {
    await sql`rollback to savepoint nested`.execute(database);
    await sql`release savepoint nested`.execute(database);
    throw cause;
  }
}

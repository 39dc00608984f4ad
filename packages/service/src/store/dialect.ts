// Which of the two SQLs a migration is written in. Everything but migrations is the same text for both.
import { PostgresAdapter, type QueryExecutor } from 'kysely';

/** Whether `database` is PostgreSQL; else it is SQLite. */
export function isPostgres(database: { getExecutor(): QueryExecutor }): boolean {
  return database.getExecutor().adapter instanceof PostgresAdapter;
}

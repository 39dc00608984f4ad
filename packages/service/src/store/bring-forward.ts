// A database gets the migrations that it lacks, once, whoever else starts at the same time; or it is said why it cannot be used.
import type { Kysely } from 'kysely';
import { StoreError } from '../errors.ts';
import type { DatabaseAccess, DatabaseKind } from './database-kind.ts';

/** What of a database depends on the engine. */
export interface MigrationPort {
  /** For people: "database FILE". */
  readonly place: string;
  /** The tables that are there. */
  tableNames(database: Kysely<unknown>): Promise<readonly string[]>;
  /** In the transaction of the migrations: nobody else migrates until it ends. Not needed where a transaction is alone by itself. */
  lock?(transaction: Kysely<unknown>): Promise<void>;
}

type VersionTable = { schema_versions: { kind: string; name: string } };

/** The database is of this kind and has every migration. @throws StoreError `foreign`, `newer`, `older` (only for `read`) */
export async function bringForward(
  database: Kysely<unknown>,
  kind: DatabaseKind,
  access: DatabaseAccess,
  port: MigrationPort,
): Promise<void> {
  const wanted = Object.keys(kind.migrations).sort();
  // Who may not change tables need not: they are looked at before anything is locked.
  if (access === 'read' || port.lock !== undefined) {
    if ((await appliedOf(database, kind, port, wanted)).length === wanted.length) return;
  }
  if (access === 'read') {
    const remedy = `start "windlass serve --only ${kind.name}" of this version once, which brings it forward`;
    throw new StoreError('older', `The ${port.place} is older than this program: ${remedy}.`);
  }
  // One transaction that begins by taking the lock: two processes that start together do not both migrate.
  await database.transaction().execute(async (transaction) => {
    await port.lock?.(transaction);
    const applied = await appliedOf(transaction, kind, port, wanted);
    if (applied.length === 0) await createVersionTable(transaction);
    for (const name of wanted.slice(applied.length)) {
      await kind.migrations[name]?.up(transaction);
      await transaction
        .withTables<VersionTable>()
        .insertInto('schema_versions')
        .values({ kind: kind.name, name })
        .execute();
    }
  });
}

async function createVersionTable(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('schema_versions')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .execute();
}

/** The names of the migrations that the database has: a beginning of `wanted`. */
async function appliedOf(
  database: Kysely<unknown>,
  kind: DatabaseKind,
  { place, tableNames }: MigrationPort,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const names = await tableNames(database);
  if (names.length === 0) return [];
  const foreign = new StoreError(
    'foreign',
    `The ${place} is not the ${kind.name} database of Windlass: check the path.`,
  );
  if (!names.includes('schema_versions')) throw foreign;
  const versions = database.withTables<VersionTable>().selectFrom('schema_versions').select(['kind', 'name']);
  const rows = await versions.execute();
  if (rows.some((row) => row.kind !== kind.name)) throw foreign;
  const applied = rows.map(({ name }) => name).sort();
  if (applied.slice(0, wanted.length).some((name, index) => name !== wanted[index])) throw foreign;
  if (applied.length > wanted.length) {
    throw new StoreError('newer', `The ${place} was written by a newer version of Windlass: start that version.`);
  }
  return applied;
}

// PostgreSQL as both sides use it: a schema for each side, opened with the rights of the side, checked to be the right one, brought
// forward. Several instances share one database; what one may do while another does the same is decided by the database alone.
import { type Kysely, sql } from 'kysely';
import { StoreError } from '../errors.ts';
import type { PostgresServer } from '../postgres-server.ts';
import { bringForward, type MigrationPort } from './bring-forward.ts';
import type { DatabaseAccess, DatabaseKind, OpenDatabase } from './database-kind.ts';
import { connectPostgres, type PoolLimits, placeOf, schemaOf } from './postgres-pool.ts';

const WRITER: PoolLimits = { connections: 8, lockSeconds: 5, statementSeconds: 60 };
const READER: PoolLimits = { connections: 4, lockSeconds: 5, statementSeconds: 60 };
const MIGRATION: PoolLimits = { connections: 1, lockSeconds: 60, statementSeconds: 600 };
/** "WIND": with the kind, the advisory lock of whoever migrates. */
const LOCK_SPACE = 0x57_49_4e_44;
const LOCK_OF = { device: 1, management: 2 } as const;

/**
 * The schema of this kind is open and has every migration. Each commit is on the server's disk before it returns.
 *
 * @throws StoreError `missing`, `unreadable`, `foreign`, `newer`, `older` (only for `read`), `busy`, `full`, `unavailable`
 */
export async function openPostgres<Tables>(
  server: PostgresServer,
  kind: DatabaseKind,
  access: DatabaseAccess,
): Promise<OpenDatabase<Tables>> {
  await prepare(server, kind, access);
  const database = connectPostgres<Tables>({ server, kind, access, limits: access === 'read' ? READER : WRITER });
  return { database, close: () => database.destroy() };
}

async function prepare(server: PostgresServer, kind: DatabaseKind, access: DatabaseAccess): Promise<void> {
  const database = connectPostgres<unknown>({ server, kind, access, limits: MIGRATION });
  try {
    await refuseOtherEncoding(database, placeOf(server, kind));
    await bringForward(database, kind, access, migrationPort(server, kind, access));
  } finally {
    await database.destroy();
  }
}

/** Names of people and places are in every script. */
async function refuseOtherEncoding(database: Kysely<unknown>, place: string): Promise<void> {
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(database);
  if (rows[0]?.server_encoding === 'UTF8') return;
  throw new StoreError(
    'foreign',
    `The ${place} is not in UTF-8: make one with "createdb --encoding UTF8 --template template0".`,
  );
}

function migrationPort(server: PostgresServer, kind: DatabaseKind, access: DatabaseAccess): MigrationPort {
  const place = placeOf(server, kind);
  const schema = schemaOf(kind);
  return {
    place,
    tableNames: async (database) => {
      const found = await findSchema(database, schema);
      if (found === 'hidden') {
        const remedy = 'grant what docs/operating.md says of more than one instance';
        throw new StoreError('unreadable', `The ${place} is hidden from this user: ${remedy}.`);
      }
      if (found === 'missing' && access !== 'create') {
        throw new StoreError('missing', `The ${place} does not exist: make it with "windlass init", or check the URL.`);
      }
      const names = sql<{ name: string }>`select c.relname::text as name from pg_class c
        join pg_namespace n on n.oid = c.relnamespace where n.nspname = ${schema} and c.relkind in ('r', 'p')`;
      return (await names.execute(database)).rows.map(({ name }) => name);
    },
    lock: async (transaction) => {
      await sql`select pg_advisory_xact_lock(${LOCK_SPACE}::int, ${LOCK_OF[kind.name]}::int)`.execute(transaction);
      if ((await findSchema(transaction, schema)) === 'missing')
        await transaction.schema.createSchema(schema).execute();
    },
  };
}

async function findSchema(database: Kysely<unknown>, schema: string): Promise<'usable' | 'hidden' | 'missing'> {
  const { rows } = await sql<{ usable: boolean }>`select has_schema_privilege(oid, 'usage') as usable
    from pg_namespace where nspname = ${schema}`.execute(database);
  const [found] = rows;
  if (found === undefined) return 'missing';
  return found.usable ? 'usable' : 'hidden';
}

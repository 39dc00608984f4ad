// A database is opened here, whichever engine holds it.
import type { PostgresServer } from '../postgres-server.ts';
import type { DatabaseAccess, DatabaseKind, OpenDatabase } from './database-kind.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/** Where a database is: the path of SQLite's file, or a database of a PostgreSQL server, which has a schema for each kind. */
export type DatabaseLocation = string | PostgresServer;

/**
 * The database is open, of this kind, and has every migration. Each commit is on the disk before it returns.
 *
 * @throws StoreError `missing`, `unreadable`, `foreign`, `newer`, `older` (only for `read`), `busy`, `full`, `unavailable`
 */
export async function openDatabase<Tables>(
  location: DatabaseLocation,
  kind: DatabaseKind,
  access: DatabaseAccess,
): Promise<OpenDatabase<Tables>> {
  return typeof location === 'string' ? openSqlite(location, kind, access) : openPostgres(location, kind, access);
}

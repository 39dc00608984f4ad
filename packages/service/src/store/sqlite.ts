// SQLite as both sides use it: opened with the rights of the side, checked to be the right database, brought forward.
import { closeSync, existsSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect, type SqliteStatement, sql } from 'kysely';
import { StoreError, type StoreErrorCode } from '../errors.ts';
import { bringForward } from './bring-forward.ts';
import type { DatabaseAccess, DatabaseKind, OpenDatabase } from './database-kind.ts';

const BUSY_TIMEOUT_MILLISECONDS = 5_000;
const MAX_CACHED_STATEMENTS = 256;
/** The owner writes; the other side may be another user of the same group. */
const NEW_FILE_MODE = 0o640;

/**
 * The database is open, of this kind, and has every migration. Each commit is on the disk before it returns.
 *
 * @throws StoreError `missing`, `unreadable`, `foreign`, `newer`, `older` (only for `read`), `busy`, `full`
 */
export async function openSqlite<Tables>(
  file: string,
  kind: DatabaseKind,
  access: DatabaseAccess,
): Promise<OpenDatabase<Tables>> {
  const connection = connect(file, access);
  try {
    if (access !== 'read') prepareForWriting(connection, file);
    const dialect = new SqliteDialect({ database: adapterOf(connection, file, access) });
    await bringForward(new Kysely<unknown>({ dialect }), kind, access, { place: `database ${file}`, tableNames });
    const database = new Kysely<Tables>({ dialect });
    const close = async () => {
      await database.destroy();
      connection.close();
    };
    return { database, close };
  } catch (cause) {
    connection.close();
    throw storeErrorOf(cause, file);
  }
}

async function tableNames(database: Kysely<unknown>): Promise<readonly string[]> {
  const tables = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(database);
  return tables.rows.map(({ name }) => name);
}

function connect(file: string, access: DatabaseAccess): Database.Database {
  if (!existsSync(file)) {
    if (access !== 'create') {
      throw new StoreError(
        'missing',
        `The database ${file} does not exist: make it with "windlass init", or check the path.`,
      );
    }
    createFile(file);
  }
  try {
    return new Database(file, { readonly: access === 'read', fileMustExist: true, timeout: BUSY_TIMEOUT_MILLISECONDS });
  } catch (cause) {
    throw storeErrorOf(cause, file);
  }
}

function createFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', NEW_FILE_MODE));
  } catch (cause) {
    // Another process was first: it is the same file.
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return;
    throw new StoreError('unreadable', `The database ${file} cannot be made: check the directory and its owner.`, {
      cause,
    });
  }
}

/** The first pragma is also the first read: a file that is no database is found here. */
function prepareForWriting(connection: Database.Database, file: string): void {
  const mode = connection.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') {
    throw new StoreError('unreadable', `The database ${file} cannot be journaled: put it on a local file system.`);
  }
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
}

/** What kysely needs of a connection. Statements are prepared once; whoever begins a transaction means to write. */
function adapterOf(connection: Database.Database, file: string, access: DatabaseAccess) {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (text: string): SqliteStatement => {
    const statement = connection.prepare(text === 'begin' && access !== 'read' ? 'begin immediate' : text);
    return {
      reader: statement.reader,
      all: (parameters) => named(file, () => statement.all(...parameters)),
      run: (parameters) => named(file, () => statement.run(...parameters)),
      iterate: (parameters) => statement.iterate(...parameters),
    };
  };
  return {
    close: () => connection.close(),
    prepare: (text: string): SqliteStatement => {
      const cached = statements.get(text);
      if (cached !== undefined) return cached;
      if (statements.size >= MAX_CACHED_STATEMENTS) statements.clear();
      const prepared = named(file, () => prepare(text));
      statements.set(text, prepared);
      return prepared;
    },
  };
}

function named<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw storeErrorOf(cause, file);
  }
}

const SENTENCES: Readonly<Record<string, { readonly code: StoreErrorCode; readonly sentence: string }>> = {
  SQLITE_NOTADB: { code: 'foreign', sentence: 'is not a database of Windlass: check the path.' },
  SQLITE_CORRUPT: { code: 'unreadable', sentence: 'is damaged: stop the service and restore it from a backup.' },
  SQLITE_CANTOPEN: { code: 'unreadable', sentence: 'cannot be opened: check its owner and permissions.' },
  SQLITE_PERM: { code: 'unreadable', sentence: 'cannot be opened: check its owner and permissions.' },
  SQLITE_READONLY: { code: 'unreadable', sentence: 'cannot be written: check its owner and permissions.' },
  SQLITE_BUSY: { code: 'busy', sentence: 'is held by another program: try again.' },
  SQLITE_FULL: { code: 'full', sentence: 'cannot grow: the disk is full.' },
  SQLITE_IOERR: { code: 'full', sentence: 'cannot be read or written: check the disk.' },
};

/** SQLite's own failures as ours; a broken constraint and a bug stay what they are. */
function storeErrorOf(cause: unknown, file: string): unknown {
  if (!(cause instanceof Database.SqliteError)) return cause;
  const primary = cause.code.split('_').slice(0, 2).join('_');
  const known = SENTENCES[primary];
  return known === undefined ? cause : new StoreError(known.code, `The database ${file} ${known.sentence}`, { cause });
}

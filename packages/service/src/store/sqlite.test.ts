import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAppendOnly } from './append-only.ts';
import type { DatabaseKind } from './database-kind.ts';
import { openSqlite } from './sqlite.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'windlass-sqlite-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Tables {
  things: { name: string };
}

const first: DatabaseKind = {
  name: 'device',
  migrations: {
    '0001-first': {
      up: async (database) => {
        await database.schema.createTable('things').addColumn('name', 'text').execute();
        await makeAppendOnly(database, 'things');
      },
    },
  },
};
const second: DatabaseKind = {
  name: 'device',
  migrations: {
    ...first.migrations,
    '0002-second': { up: (database) => database.schema.alterTable('things').addColumn('size', 'integer').execute() },
  },
};
const fileOf = (name: string) => join(directory, name);

async function make(name: string, kind = first): Promise<string> {
  const { database, close } = await openSqlite<Tables>(fileOf(name), kind, 'create');
  await database.insertInto('things').values({ name: 'one' }).execute();
  await close();
  return fileOf(name);
}

test('what was written is there after closing, and the file is not for everybody', async () => {
  const file = await make('kept.db');
  expect(statSync(file).mode & 0o007).toBe(0);
  const { database, close } = await openSqlite<Tables>(file, first, 'write');
  expect(await database.selectFrom('things').selectAll().execute()).toEqual([{ name: 'one' }]);
  await close();
});

test('commits are on the disk before they return', async () => {
  const { database, close } = await openSqlite<Tables>(await make('durable.db'), first, 'write');
  expect((await sql`pragma synchronous`.execute(database)).rows).toEqual([{ synchronous: 2 }]);
  expect((await sql`pragma journal_mode`.execute(database)).rows).toEqual([{ journal_mode: 'wal' }]);
  await close();
});

test('a database that is missing is not made by opening it', async () => {
  await expect(openSqlite(fileOf('none.db'), first, 'write')).rejects.toThrow(
    /does not exist: make it with "windlass init"/,
  );
  await expect(openSqlite(fileOf('none.db'), first, 'read')).rejects.toMatchObject({ code: 'missing' });
});

test('a directory that is missing: one sentence', async () => {
  await expect(openSqlite(join(directory, 'no', 'such.db'), first, 'create')).rejects.toThrow(/cannot be made: check/);
});

test('a file that is no database, and a database that is not ours: foreign', async () => {
  writeFileSync(fileOf('text.db'), 'this is no database, but it is long enough to be looked at as one'.repeat(20));
  await expect(openSqlite(fileOf('text.db'), first, 'write')).rejects.toMatchObject({ code: 'foreign' });
  await expect(openSqlite(fileOf('text.db'), first, 'read')).rejects.toMatchObject({ code: 'foreign' });
  const file = await make('other.db', { ...first, name: 'management' });
  await expect(openSqlite(file, first, 'write')).rejects.toThrow(/is not the device database of Windlass/);
  const bare = await openSqlite<Tables>(await make('bare.db'), first, 'write');
  await sql`drop table schema_versions`.execute(bare.database);
  await bare.close();
  await expect(openSqlite(fileOf('bare.db'), first, 'write')).rejects.toMatchObject({ code: 'foreign' });
});

test('an older database is brought forward by its writer, and refused by a reader before', async () => {
  const file = await make('older.db');
  await expect(openSqlite(file, second, 'read')).rejects.toThrow(/is older than this program: start/);
  const writer = await openSqlite<Tables>(file, second, 'write');
  expect(await writer.database.selectFrom('things').selectAll().execute()).toEqual([{ name: 'one', size: null }]);
  const reader = await openSqlite(file, second, 'read');
  await reader.close();
  await writer.close();
});

test('a newer database is refused by reader and writer', async () => {
  const file = await make('newer.db', second);
  await expect(openSqlite(file, first, 'write')).rejects.toThrow(/written by a newer version of Windlass/);
  await expect(openSqlite(file, first, 'read')).rejects.toMatchObject({ code: 'newer' });
});

test('a migration that fails leaves nothing behind', async () => {
  const up = async () => {
    throw new Error('planted');
  };
  const failing: DatabaseKind = { ...first, migrations: { ...first.migrations, '0002-fails': { up } } };
  await expect(openSqlite(fileOf('failed.db'), failing, 'create')).rejects.toThrow('planted');
  await make('failed.db');
});

test('processes that open a new database at once all get it', async () => {
  const script = `import { openSqlite } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)};
    const up = (database) => database.schema.createTable('things').addColumn('name', 'text').execute();
    const { close } = await openSqlite(${JSON.stringify(fileOf('race.db'))}, { name: 'device', migrations: { first: { up } } }, 'create');
    await close();`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  await expect(Promise.all([run(), run(), run(), run()])).resolves.toHaveLength(4);
});

test('[S13] a reader cannot write', async () => {
  const { database, close } = await openSqlite<Tables>(await make('read.db'), first, 'read');
  await expect(database.insertInto('things').values({ name: 'two' }).execute()).rejects.toThrow(/cannot be written/);
  await expect(sql`create table extra (name text)`.execute(database)).rejects.toMatchObject({ code: 'unreadable' });
  await close();
});

test('rows of an append-only table can neither be changed nor taken away', async () => {
  const { database, close } = await openSqlite<Tables>(await make('append.db'), first, 'write');
  await expect(database.updateTable('things').set({ name: 'x' }).execute()).rejects.toThrow('append-only');
  await expect(database.deleteFrom('things').execute()).rejects.toThrow('append-only');
  await close();
});

// What PostgreSQL alone does: schemas, rights, roles, passwords, and each failure as one sentence.
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PostgresServer } from '../postgres-server.ts';
import { describePostgres } from '../testing/each-engine.ts';
import { makeAppendOnly } from './append-only.ts';
import { createTable } from './create-table.ts';
import { openDatabase } from './database.ts';
import type { DatabaseKind } from './database-kind.ts';

interface Tables {
  things: { name: string };
}

const up = async (database: Kysely<unknown>) => {
  await createTable(database, 'things', { name: 'text' });
  await makeAppendOnly(database, 'things');
};
const first: DatabaseKind = { name: 'device', migrations: { '0001-first': { up } } };
const addSize = (database: Kysely<unknown>) =>
  database.schema.alterTable('things').addColumn('size', 'integer').execute();
const second: DatabaseKind = { name: 'device', migrations: { ...first.migrations, '0002-second': { up: addSize } } };

describePostgres((cluster) => {
  let server: PostgresServer;
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'windlass-postgres-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  beforeEach(async () => {
    server = await cluster().createDatabase();
  });

  const execute = (text: string) => cluster().execute(server, text);
  async function make(kind: DatabaseKind = first): Promise<void> {
    const { database, close } = await openDatabase<Tables>(server, kind, 'create');
    if (kind === first) await database.insertInto('things').values({ name: 'one' }).execute();
    await close();
  }

  test('a schema that is missing is not made by opening it; neither is a database', async () => {
    await expect(openDatabase(server, first, 'write')).rejects.toThrow(
      /database test_\d+ on .* \(schema windlass_device\) does not exist: make it with "windlass init"/,
    );
    await expect(openDatabase(server, first, 'read')).rejects.toMatchObject({ code: 'missing' });
    const nowhere = { ...server, database: 'nowhere' };
    await expect(openDatabase(nowhere, first, 'create')).rejects.toMatchObject({ code: 'missing' });
  });

  test('a schema with tables of somebody else, and one of the other side: foreign', async () => {
    await execute('create schema windlass_device; create table windlass_device.others (name text)');
    await expect(openDatabase(server, first, 'create')).rejects.toThrow(/is not the device database of Windlass/);
    await execute('drop table windlass_device.others');
    await make();
    await execute("update windlass_device.schema_versions set kind = 'management'");
    await expect(openDatabase(server, first, 'write')).rejects.toMatchObject({ code: 'foreign' });
  });

  test('an older schema is brought forward by its writer, and refused by a reader before; a newer one is refused', async () => {
    await make();
    await expect(openDatabase(server, second, 'read')).rejects.toThrow(/is older than this program: start/);
    const writer = await openDatabase<Tables>(server, second, 'write');
    expect(await writer.database.selectFrom('things').selectAll().execute()).toEqual([{ name: 'one', size: null }]);
    await writer.close();
    await (await openDatabase(server, second, 'read')).close();
    await expect(openDatabase(server, first, 'write')).rejects.toThrow(/written by a newer version of Windlass/);
    await expect(openDatabase(server, first, 'read')).rejects.toMatchObject({ code: 'newer' });
  });

  test('a migration that fails leaves nothing behind', async () => {
    const fails = async (database: Kysely<unknown>) => {
      await addSize(database);
      throw new Error('planted');
    };
    const failing = { ...first, migrations: { ...first.migrations, '0002-fails': { up: fails } } };
    await expect(openDatabase(server, failing, 'create')).rejects.toThrow('planted');
    expect(await execute("select 1 from pg_namespace where nspname = 'windlass_device'")).toEqual([]);
    await make();
  });

  test('processes that make the tables at once all get them', async () => {
    const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
    const script = `import { openDatabase } from ${module('./database.ts')};
      import { managementDatabase } from ${module('./management-migrations.ts')};
      const { close } = await openDatabase(${JSON.stringify(server)}, managementDatabase, 'create');
      await close();`;
    const run = () =>
      promisify(execFile)(process.execPath, ['--conditions=source', '--input-type=module', '--eval', script]);
    await expect(Promise.all([run(), run(), run(), run()])).resolves.toHaveLength(4);
    const [versions] = await execute('select count(*)::int as count from windlass_management.schema_versions');
    expect(versions?.['count']).toBeGreaterThan(1);
  });

  test('rows of an append-only table can neither be changed nor taken away, by its owner either', async () => {
    await make();
    for (const act of ["update things set name = 'x'", 'delete from things', 'truncate things']) {
      await expect(execute(`set search_path = windlass_device; ${act}`)).rejects.toThrow('things is append-only');
    }
  });

  test('each commit is on the disk, and nothing waits for ever, whatever the server is set to', async () => {
    await execute('alter system set synchronous_commit = off');
    await execute('select pg_reload_conf()');
    await make();
    const { database, close } = await openDatabase(server, first, 'write');
    const setting = async (name: string) => (await sql`show ${sql.raw(name)}`.execute(database)).rows;
    expect(await setting('synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    expect(await setting('transaction_isolation')).toEqual([{ transaction_isolation: 'read committed' }]);
    expect(await setting('lock_timeout')).toEqual([{ lock_timeout: '5s' }]);
    expect(await setting('idle_in_transaction_session_timeout')).toMatchObject([{}]);
    expect((await sql`select count(*) as count from things`.execute(database)).rows).toEqual([{ count: 1 }]);
    await close();
    await execute('alter system reset synchronous_commit');
    await execute('select pg_reload_conf()');
  });

  test('[S13] a reader cannot write, and with a role of its own it cannot try', async () => {
    await make();
    const { database, close } = await openDatabase<Tables>(server, first, 'read');
    await expect(database.insertInto('things').values({ name: 'two' }).execute()).rejects.toThrow(/is read-only/);
    await close();
    await execute('create role reader login');
    const asReader = { ...server, user: 'reader' };
    await expect(openDatabase(asReader, first, 'read')).rejects.toThrow(/is hidden from this user: grant/);
    await execute('grant usage on schema windlass_device to reader');
    await expect(openDatabase(asReader, first, 'read')).rejects.toThrow(/does not let this user do that: grant/);
    await execute('grant select on all tables in schema windlass_device to reader');
    const reader = await openDatabase<Tables>(asReader, first, 'read');
    expect(await reader.database.selectFrom('things').selectAll().execute()).toHaveLength(1);
    await reader.close();
    const lock = sql`lock table things in share row exclusive mode`;
    const writer = await openDatabase<Tables>(asReader, first, 'write');
    await expect(writer.database.transaction().execute((t) => lock.execute(t))).rejects.toMatchObject({
      code: 'unreadable',
    });
    await expect(writer.database.insertInto('things').values({ name: 'x' }).execute()).rejects.toMatchObject({
      code: 'unreadable',
    });
    await writer.close();
  });

  test('a password is read from its file for each connection; a wrong one is told without it', async () => {
    await make();
    await execute("create role with_password login superuser password 's3cret'");
    const passwordFile = join(directory, 'password');
    const withFile = { ...server, user: 'with_password', passwordFile };
    await expect(openDatabase(withFile, first, 'read')).rejects.toThrow(/password cannot be read: check the path/);
    writeFileSync(passwordFile, 's3cret\n', { mode: 0o644 });
    await expect(openDatabase(withFile, first, 'read')).rejects.toThrow(
      /Others can read the password in .*: run "chmod 600/,
    );
    chmodSync(passwordFile, 0o600);
    await (await openDatabase(withFile, first, 'read')).close();
    await (await openDatabase({ ...withFile, passwordFile: null, password: () => 's3cret' }, first, 'read')).close();
    writeFileSync(passwordFile, 'wr0ng');
    const refused = await openDatabase(withFile, first, 'read').catch((cause: unknown) => cause);
    expect(refused).toMatchObject({ code: 'unreadable', message: expect.stringMatching(/refuses this user: check/) });
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('wr0ng');
  });

  test('a server that is not there, and one that goes away: unavailable, to be tried again', async () => {
    await make();
    const nobody = { ...server, host: directory };
    const failure = {
      code: 'unavailable',
      retryable: true,
      message: expect.stringMatching(/cannot be reached: check/),
    };
    await expect(openDatabase(nobody, first, 'read')).rejects.toMatchObject(failure);
    const { database, close } = await openDatabase<Tables>(server, first, 'write');
    const end =
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'windlass device writer'";
    const things = () => database.selectFrom('things').selectAll().execute();
    const lost = database.transaction().execute(async (transaction) => {
      await transaction.selectFrom('things').selectAll().execute();
      await execute(end);
      await transaction.selectFrom('things').selectAll().execute();
    });
    await expect(lost).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(await things()).toHaveLength(1);
    await execute(end);
    // One that was idle is found lost by who asks next, or replaced before.
    await things().catch((cause: unknown) => expect(cause).toMatchObject({ code: 'unavailable' }));
    expect(await things()).toHaveLength(1);
    await close();
  });

  test('a database that is not in UTF-8 is refused', async () => {
    await execute("create database latin encoding 'LATIN1' locale_provider libc locale 'C' template template0");
    await expect(openDatabase({ ...server, database: 'latin' }, first, 'create')).rejects.toThrow(/is not in UTF-8/);
  });
});

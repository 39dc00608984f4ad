// The database of a test that does not care which: a file, or one of the server that this run of tests started.
import { randomUUID } from 'node:crypto';
import type { PostgresServer } from '../postgres-server.ts';
import type { DatabaseLocation } from '../store/database.ts';
import { createDatabaseIn, executeOn } from './postgres-cluster.ts';

/** Has the directory of the server's socket; see vitest.postgres.config.ts. */
export const CLUSTER_VARIABLE = 'WINDLASS_TEST_POSTGRES';

/** Those of this process: a database is 8 MB, so one that nobody is connected to is emptied and taken again. */
const made: PostgresServer[] = [];

/** `file`, unless the tests run over PostgreSQL. */
export async function testDatabase(file: string): Promise<DatabaseLocation> {
  const directory = process.env[CLUSTER_VARIABLE];
  if (directory === undefined) return file;
  for (const server of made) if (await emptied(server)) return server;
  const server = await createDatabaseIn(directory, `test_${randomUUID().replaceAll('-', '')}`);
  made.push(server);
  return server;
}

async function emptied(server: PostgresServer): Promise<boolean> {
  const others = 'select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
  if ((await executeOn(server, others)).length > 0) return false;
  await executeOn(server, 'drop schema if exists windlass_management, windlass_device cascade');
  return true;
}

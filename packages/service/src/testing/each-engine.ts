// Suites that every database must pass, one after the other: SQLite, and PostgreSQL where it is installed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { DatabaseLocation } from '../store/database.ts';
import { type PostgresCluster, postgresBinaries, startCluster } from './postgres-cluster.ts';

/** A place for a database that nobody else has. */
export type NewDatabase = () => Promise<DatabaseLocation>;

/** `suite` is run over each engine; what a database takes is gone afterwards. */
export function describeEachEngine(suite: (newDatabase: NewDatabase) => void): void {
  describe('over SQLite', () => {
    let directory = '';
    let count = 0;
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'windlass-store-'));
    });
    afterAll(() => rmSync(directory, { recursive: true }));
    suite(async () => join(directory, `${++count}.db`));
  });
  describePostgres((cluster) => suite(() => cluster().createDatabase()));
}

/** `suite` is run with a server of its own; it is skipped where there is no PostgreSQL, but for CI=true. */
export function describePostgres(suite: (cluster: () => PostgresCluster) => void): void {
  describe.skipIf(postgresBinaries() === null)('over PostgreSQL', () => {
    let cluster: PostgresCluster | null = null;
    beforeAll(async () => {
      cluster = await startCluster();
    });
    afterAll(() => cluster?.stop());
    suite(() => {
      if (cluster === null) throw new Error('The server was not started.');
      return cluster;
    });
  });
}

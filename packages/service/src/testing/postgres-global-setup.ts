// A PostgreSQL server for a whole run of tests, which find it by an environment variable.
import { type PostgresCluster, startCluster } from './postgres-cluster.ts';
import { CLUSTER_VARIABLE } from './test-database.ts';

let cluster: PostgresCluster | null = null;

export async function setup(): Promise<void> {
  cluster = await startCluster();
  process.env[CLUSTER_VARIABLE] = cluster.directory;
}

export async function teardown(): Promise<void> {
  await cluster?.stop();
}

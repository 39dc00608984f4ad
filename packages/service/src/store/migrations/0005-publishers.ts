// Migration 0005: publisher anchors of two kinds with the epochs in which claims name them, jobs that take a while, and what is signed for
// an epoch that has not begun.
import type { Kysely } from 'kysely';
import { type Columns, createTable } from '../create-table.ts';

/** Publisher anchors, jobs and the next epoch have their tables; every anchor that there was is hosted. */
export async function createPublisherAnchors(database: Kysely<unknown>): Promise<void> {
  await replacePublishers(database);
  await createJobs(database);
  await createNextEpoch(database);
  // Claims of one organization are gone through in this order.
  await database.schema
    .createIndex('claims_in_organization')
    .on('claims')
    .columns(['organization', 'manufacturer', 'serial', 'generation'])
    .execute();
}

type OldPublisher = { organization: string; key_digest: string; anchor: Uint8Array; expires: number; created: number };
type NewPublisher = OldPublisher & {
  kind: string;
  from_epoch: number;
  until_epoch: number | null;
  named: number | null;
};
type PublisherTables = { publishers: OldPublisher; publisher_anchors: NewPublisher };

/** The key has the organization: two of one company may have the same CA, and nobody takes it away from them by being first. */
async function replacePublishers(database: Kysely<unknown>): Promise<void> {
  const anchor: Columns = {
    organization: 'text',
    key_digest: 'text',
    kind: 'text',
    anchor: 'blob',
    expires: 'bigint',
    created: 'bigint',
    from_epoch: 'bigint',
    until_epoch: 'bigint?',
    named: 'bigint?',
  };
  await createTable(database, 'publisher_anchors', anchor, (table) =>
    table
      .addPrimaryKeyConstraint('publisher_anchors_key', ['organization', 'key_digest'])
      .addForeignKeyConstraint('publisher_anchors_organization', ['organization'], 'organizations', ['name']),
  );
  const tables = database.withTables<PublisherTables>();
  for (const before of await tables.selectFrom('publishers').selectAll().execute()) {
    const values = { ...before, kind: 'hosted', from_epoch: 0, until_epoch: null, named: before.created };
    await tables.insertInto('publisher_anchors').values(values).execute();
  }
  await database.schema.dropTable('publishers').execute();
}

async function createJobs(database: Kysely<unknown>): Promise<void> {
  const job: Columns = {
    id: 'identity key',
    organization: 'text',
    kind: 'text',
    epoch: 'bigint',
    reason: 'text?',
    actor: 'text',
    state: 'text',
    done: 'bigint',
    total: 'bigint',
    note: 'text?',
    created: 'bigint',
    changed: 'bigint',
  };
  await createTable(database, 'jobs', job, (table) =>
    table.addForeignKeyConstraint('jobs_organization', ['organization'], 'organizations', ['name']),
  );
  await database.schema.createIndex('jobs_by_organization').on('jobs').column('organization').execute();
}

/** A staged claim has what was signed; whose device it is stays with the claim before it. */
async function createNextEpoch(database: Kysely<unknown>): Promise<void> {
  const claim: Columns = {
    organization: 'text',
    manufacturer: 'text',
    serial: 'text',
    generation: 'bigint',
    epoch: 'bigint',
    expires: 'bigint',
    digest: 'text',
    payload: 'text',
    signature: 'text',
  };
  await createTable(database, 'staged_claims', claim, (table) =>
    table
      .addPrimaryKeyConstraint('staged_claims_key', ['manufacturer', 'serial'])
      .addForeignKeyConstraint('staged_claims_organization', ['organization'], 'organizations', ['name']),
  );
  await database.schema
    .createIndex('staged_claims_in_organization')
    .on('staged_claims')
    .columns(['organization', 'manufacturer', 'serial'])
    .execute();
  const profile: Columns = {
    organization: 'text',
    network: 'text',
    epoch: 'bigint',
    sequence: 'bigint',
    digest: 'text',
    issued: 'bigint',
    expires: 'bigint',
    payload: 'text',
    signature: 'text',
    inspection_cas: 'text',
    endpoints: 'text',
    retired: 'text',
    changes: 'text',
    reason: 'text?',
  };
  await createTable(database, 'staged_profiles', profile, (table) =>
    table
      .addPrimaryKeyConstraint('staged_profiles_key', ['organization', 'network'])
      .addForeignKeyConstraint('staged_profiles_network', ['organization', 'network'], 'networks', [
        'organization',
        'name',
      ]),
  );
}

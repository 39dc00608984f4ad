// How the tables of management.db came about: one migration set for SQLite and PostgreSQL, forward only. What a
// column's type is in either is in create-table.ts.
import type { Kysely } from 'kysely';
import { makeAppendOnly } from './append-only.ts';
import { type Columns, createTable, type TableBuilder } from './create-table.ts';
import type { DatabaseKind } from './database-kind.ts';
import { createPeople } from './migrations/0003-people.ts';
import { createManifests } from './migrations/0004-manifests.ts';
import { createPublisherAnchors } from './migrations/0005-publishers.ts';
import { createInspectionCaLife } from './migrations/0006-inspection-ca-life.ts';
import { createApprovals } from './migrations/0007-approvals.ts';
import { createKeptAnswers } from './migrations/0008-idempotency.ts';
import { indexLists } from './migrations/0008-paging.ts';
import { createFailedAttempts } from './migrations/0009-failed-attempts.ts';
import { createCommandLogins } from './migrations/0010-command-logins.ts';
import { addNetworkServices } from './migrations/0011-network-services.ts';

/** management.db; names of migrations sort in the order in which they run. */
export const managementDatabase: DatabaseKind = {
  name: 'management',
  migrations: {
    '0001-first': { up: createFirst },
    '0002-registered-devices': { up: createRegisteredDevices },
    '0003-people': { up: createPeople },
    '0004-manifests': { up: createManifests },
    '0005-publishers': { up: createPublisherAnchors },
    '0006-inspection-ca-life': { up: createInspectionCaLife },
    '0007-approvals': { up: createApprovals },
    '0008-idempotency': { up: createKeptAnswers },
    '0008-paging': { up: indexLists },
    '0009-failed-attempts': { up: createFailedAttempts },
    '0010-command-logins': { up: createCommandLogins },
    '0011-network-services': { up: addNetworkServices },
  },
};

async function createFirst(database: Kysely<unknown>): Promise<void> {
  await createOwners(database);
  await createNetworks(database);
  await createClaims(database);
  await createProfiles(database);
  await createAudit(database);
  for (const table of ['audit', 'claims', 'profiles']) await makeAppendOnly(database, table);
}

/** One self-signed device per key, and one key per serial: "self-signed" and the serial name it. */
async function createRegisteredDevices(database: Kysely<unknown>): Promise<void> {
  const device: Columns = {
    key_digest: 'text key',
    serial: 'text',
    fingerprint: 'text',
    subject: 'text',
    not_after: 'bigint',
    certificate: 'blob',
    created: 'bigint',
  };
  await createTable(database, 'registered_devices', device, (table) =>
    table.addUniqueConstraint('registered_devices_serial', ['serial']),
  );
}

async function createOwners(database: Kysely<unknown>): Promise<void> {
  await createTable(
    database,
    'manufacturers',
    {
      name: 'text key',
      key_digest: 'text',
      fingerprint: 'text',
      subject: 'text',
      not_after: 'bigint',
      certificate: 'blob',
      created: 'bigint',
    },
    (table) => table.addUniqueConstraint('manufacturers_key_digest', ['key_digest']),
  );
  await createTable(database, 'organizations', { name: 'text key', epoch: 'bigint', created: 'bigint' });
  const ofOrganization = (name: string) => (table: TableBuilder) =>
    table.addForeignKeyConstraint(name, ['organization'], 'organizations', ['name']);
  const publisher: Columns = {
    organization: 'text',
    key_digest: 'text key',
    anchor: 'blob',
    expires: 'bigint',
    created: 'bigint',
  };
  await createTable(database, 'publishers', publisher, ofOrganization('publishers_organization'));
  const token: Columns = {
    id: 'text',
    role: 'text',
    organization: 'text?',
    digest: 'text key',
    created: 'bigint',
    expires: 'bigint?',
  };
  await createTable(database, 'tokens', token, ofOrganization('tokens_organization'));
  await database.schema.createIndex('tokens_by_id').on('tokens').column('id').execute();
}

async function createNetworks(database: Kysely<unknown>): Promise<void> {
  await createTable(database, 'networks', { organization: 'text', name: 'text', created: 'bigint' }, (table) =>
    table
      .addPrimaryKeyConstraint('networks_key', ['organization', 'name'])
      .addForeignKeyConstraint('networks_organization', ['organization'], 'organizations', ['name']),
  );
  const endpoint: Columns = {
    organization: 'text',
    network: 'text',
    name: 'text',
    host: 'text',
    port: 'integer',
    protocol: 'text',
    required: 'integer',
  };
  await createTable(database, 'endpoints', endpoint, (table) =>
    ofNetwork(table, 'endpoints').addPrimaryKeyConstraint('endpoints_key', ['organization', 'network', 'name']),
  );
  const inspectionCa: Columns = {
    id: 'identity key',
    organization: 'text',
    network: 'text',
    fingerprint: 'text',
    key_digest: 'text',
    subject: 'text',
    subject_name: 'blob',
    certificate: 'blob',
    not_after: 'bigint',
    valid_from: 'bigint',
    valid_until: 'bigint',
    permitted_names: 'text',
    excluded_names: 'text',
    warnings: 'text',
    added: 'bigint',
    published_sequence: 'bigint?',
    retired: 'bigint?',
    retired_sequence: 'bigint?',
  };
  await createTable(database, 'inspection_cas', inspectionCa, (table) => ofNetwork(table, 'inspection_cas'));
  await database.schema
    .createIndex('inspection_cas_of')
    .on('inspection_cas')
    .columns(['organization', 'network'])
    .execute();
}

function ofNetwork(table: TableBuilder, name: string): TableBuilder {
  return table.addForeignKeyConstraint(`${name}_network`, ['organization', 'network'], 'networks', [
    'organization',
    'name',
  ]);
}

async function createClaims(database: Kysely<unknown>): Promise<void> {
  const claim: Columns = {
    manufacturer: 'text',
    serial: 'text',
    generation: 'bigint',
    ownership: 'bigint',
    organization: 'text?',
    network: 'text?',
    epoch: 'bigint',
    expires: 'bigint',
    digest: 'text',
    key_digest: 'text?',
    payload: 'text',
    signature: 'text',
    created: 'bigint',
  };
  await createTable(database, 'claims', claim, (table) =>
    table
      .addPrimaryKeyConstraint('claims_key', ['manufacturer', 'serial', 'generation'])
      .addForeignKeyConstraint('claims_organization', ['organization'], 'organizations', ['name']),
  );
  await database.schema.createIndex('claims_by_serial').on('claims').column('serial').execute();
  await database.schema.createIndex('claims_by_organization').on('claims').column('organization').execute();
}

/** The key has no epoch: a network's sequence rises with each publication, whatever the epoch (spec S12). */
async function createProfiles(database: Kysely<unknown>): Promise<void> {
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
  await createTable(database, 'profiles', profile, (table) =>
    ofNetwork(table, 'profiles').addPrimaryKeyConstraint('profiles_key', ['organization', 'network', 'sequence']),
  );
}

async function createAudit(database: Kysely<unknown>): Promise<void> {
  await createTable(database, 'audit', {
    id: 'integer key',
    time: 'bigint',
    actor: 'text',
    role: 'text',
    address: 'text',
    act: 'text',
    outcome: 'text',
    organization: 'text?',
    object: 'text',
    detail: 'text',
    previous_hash: 'text',
    hash: 'text',
  });
}

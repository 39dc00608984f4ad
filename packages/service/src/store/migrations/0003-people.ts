// Migration 0003: tokens belong to people, and people have roles in an organization or in the service. What came before had
// tokens of a role only: each of them gets a person that is named after it.
import type { Kysely } from 'kysely';
import { type Columns, createTable } from '../create-table.ts';

/** People, memberships, identities and sessions exist; every token has a person. */
export async function createPeople(database: Kysely<unknown>): Promise<void> {
  await createTable(database, 'people', { id: 'text key', created: 'bigint' });
  await createMemberships(database);
  await createIdentities(database);
  await createSessions(database);
  await giveTokensToPeople(database);
  await createTable(database, 'decision_digests', { hour: 'bigint key', audit_id: 'bigint' });
}

/** `scope` is the organization's name, or empty for the service: a key cannot have a column that may be null. */
async function createMemberships(database: Kysely<unknown>): Promise<void> {
  const membership: Columns = {
    person: 'text',
    scope: 'text',
    organization: 'text?',
    roles: 'text',
    created: 'bigint',
    disabled: 'bigint?',
  };
  await createTable(database, 'memberships', membership, (table) =>
    table
      .addPrimaryKeyConstraint('memberships_key', ['person', 'scope'])
      .addForeignKeyConstraint('memberships_person', ['person'], 'people', ['id'])
      .addForeignKeyConstraint('memberships_organization', ['organization'], 'organizations', ['name']),
  );
  await database.schema.createIndex('memberships_by_scope').on('memberships').column('scope').execute();
}

/** Which person an account of the identity provider is. */
async function createIdentities(database: Kysely<unknown>): Promise<void> {
  const identity: Columns = { issuer: 'text', subject: 'text', person: 'text', created: 'bigint' };
  await createTable(database, 'identities', identity, (table) =>
    table
      .addPrimaryKeyConstraint('identities_key', ['issuer', 'subject'])
      .addForeignKeyConstraint('identities_person', ['person'], 'people', ['id']),
  );
}

async function createSessions(database: Kysely<unknown>): Promise<void> {
  const session: Columns = {
    digest: 'text key',
    id: 'text',
    person: 'text',
    role: 'text',
    organization: 'text?',
    created: 'bigint',
    expires: 'bigint',
    last_used: 'bigint',
    revoked: 'bigint?',
  };
  await createTable(database, 'sessions', session, (table) =>
    table.addForeignKeyConstraint('sessions_person', ['person'], 'people', ['id']),
  );
  await database.schema.createIndex('sessions_by_person').on('sessions').column('person').execute();
}

type OldToken = {
  readonly id: string;
  readonly role: string;
  readonly organization: string | null;
  readonly digest: string;
  readonly created: number;
  readonly expires: number | null;
};

type PeopleTables = {
  tokens: OldToken;
  people_tokens: OldToken & { person: string; name: string; revoked: number | null; last_used: number | null };
  people: { id: string; created: number };
  memberships: {
    person: string;
    scope: string;
    organization: string | null;
    roles: string;
    created: number;
    disabled: number | null;
  };
};

/** The table is made anew and takes the name of the old one: a column that must have a value cannot be added to rows. */
async function giveTokensToPeople(database: Kysely<unknown>): Promise<void> {
  const token: Columns = {
    id: 'text',
    person: 'text',
    name: 'text',
    role: 'text',
    organization: 'text?',
    digest: 'text key',
    created: 'bigint',
    expires: 'bigint?',
    revoked: 'bigint?',
    last_used: 'bigint?',
  };
  await createTable(database, 'people_tokens', token, (table) =>
    table
      .addForeignKeyConstraint('people_tokens_person', ['person'], 'people', ['id'])
      .addForeignKeyConstraint('people_tokens_organization', ['organization'], 'organizations', ['name']),
  );
  await copyTokens(database.withTables<PeopleTables>());
  await database.schema.dropTable('tokens').execute();
  await database.schema.alterTable('people_tokens').renameTo('tokens').execute();
  await database.schema.createIndex('people_tokens_by_id').on('tokens').column('id').execute();
  await database.schema.createIndex('people_tokens_by_person').on('tokens').column('person').execute();
}

async function copyTokens(database: Kysely<PeopleTables>): Promise<void> {
  const people = new Set<string>();
  for (const old of await database.selectFrom('tokens').selectAll().orderBy('created').execute()) {
    const { organization, role, created } = old;
    const person = personOfRole(role, organization);
    if (!people.has(person)) {
      people.add(person);
      await database.insertInto('people').values({ id: person, created }).execute();
      const membership = { person, scope: organization ?? '', organization, roles: JSON.stringify([role]), created };
      await database
        .insertInto('memberships')
        .values({ ...membership, disabled: null })
        .execute();
    }
    const values = { ...old, person, name: 'first', revoked: null, last_used: null };
    await database.insertInto('people_tokens').values(values).execute();
  }
}

/** `admin`, `acme-approver`. Names of organizations differ in more than upper and lower case. */
function personOfRole(role: string, organization: string | null): string {
  return organization === null ? role : `${organization.toLowerCase()}-${role}`;
}

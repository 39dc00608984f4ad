// People, their memberships, tokens, sessions and identities as rows.
import type { Role } from '@windlass/management';
import type { Kysely, Selectable } from 'kysely';
import type {
  CommandLoginTable,
  CredentialTable,
  DecisionDigestTable,
  IdentityTable,
  PeopleTable,
  StoredMembership,
  StoredSession,
  StoredToken,
} from './management-ports-people.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';

type Database = Kysely<ManagementDatabase>;

/** A key cannot have a column that may be null: the service's scope is the empty name, which no organization has. */
const scopeOf = (organization: string | null) => organization ?? '';

export function peopleTable(database: Database): PeopleTable {
  const memberships = () => database.selectFrom('memberships').selectAll();
  return {
    async ensure(person, created) {
      const values = { id: person, created };
      await database
        .insertInto('people')
        .values(values)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async find(person, organization) {
      const query = memberships().where('person', '=', person).where('scope', '=', scopeOf(organization));
      const found = await query.executeTakeFirst();
      return found === undefined ? null : membershipOf(found);
    },
    async of(organization) {
      const rows = await memberships().where('scope', '=', scopeOf(organization)).orderBy('person').execute();
      return rows.map(membershipOf);
    },
    async memberships(person) {
      return (await memberships().where('person', '=', person).orderBy('scope').execute()).map(membershipOf);
    },
    async add({ roles, ...same }) {
      const values = { ...same, scope: scopeOf(same.organization), roles: JSON.stringify(roles) };
      await database.insertInto('memberships').values(values).execute();
    },
    async change({ person, organization, roles, disabled }) {
      await database
        .updateTable('memberships')
        .set({ roles: JSON.stringify(roles), disabled })
        .where('person', '=', person)
        .where('scope', '=', scopeOf(organization))
        .execute();
    },
  };
}

function membershipOf(found: Selectable<ManagementDatabase['memberships']>): StoredMembership {
  return {
    person: found.person,
    organization: row.organizationOrNull(found.organization),
    roles: row.textsColumn(found.roles) as readonly Role[],
    created: row.timeColumn(found.created),
    disabled: row.timeOrNull(found.disabled),
  };
}

export function tokenTable(database: Database): CredentialTable<StoredToken> {
  return {
    ...credentialTable(database, 'tokens', tokenOf),
    async add({ lastUsed, ...same }) {
      await database
        .insertInto('tokens')
        .values({ ...same, last_used: lastUsed })
        .execute();
    },
  };
}

function tokenOf(found: Selectable<ManagementDatabase['tokens']>): StoredToken {
  return {
    id: found.id,
    person: found.person,
    name: found.name,
    role: row.roleColumn(found.role),
    organization: row.organizationOrNull(found.organization),
    digest: found.digest,
    created: row.timeColumn(found.created),
    expires: row.timeOrNull(found.expires),
    revoked: row.timeOrNull(found.revoked),
    lastUsed: row.timeOrNull(found.last_used),
  };
}

export function sessionTable(database: Database): CredentialTable<StoredSession> {
  return {
    ...credentialTable(database, 'sessions', sessionOf),
    async add({ lastUsed, ...same }) {
      await database
        .insertInto('sessions')
        .values({ ...same, last_used: lastUsed })
        .execute();
    },
  };
}

function sessionOf(found: Selectable<ManagementDatabase['sessions']>): StoredSession {
  return {
    id: found.id,
    person: found.person,
    role: row.roleColumn(found.role),
    organization: row.organizationOrNull(found.organization),
    digest: found.digest,
    created: row.timeColumn(found.created),
    expires: row.timeColumn(found.expires),
    revoked: row.timeOrNull(found.revoked),
    lastUsed: row.timeColumn(found.last_used),
  };
}

/** What tokens and sessions do alike. */
function credentialTable<Table extends 'tokens' | 'sessions', Row extends StoredToken | StoredSession>(
  database: Database,
  table: Table,
  rowOf: (found: Selectable<ManagementDatabase[Table]>) => Row,
): Omit<CredentialTable<Row>, 'add'> {
  const rows = () => database.selectFrom<'tokens' | 'sessions'>(table).selectAll();
  const read = async (query: ReturnType<typeof rows>) =>
    (await query.execute()).map((found) => rowOf(found as Selectable<ManagementDatabase[Table]>));
  const update = (digest: string) => database.updateTable<'tokens' | 'sessions'>(table).where('digest', '=', digest);
  return {
    find: (id) => read(rows().where('id', '=', id)),
    async of({ organization, person }) {
      let query = rows()
        .orderBy('created')
        .orderBy('digest')
        .where('organization', 'is not distinct from', organization);
      if (person !== undefined) query = query.where('person', '=', person);
      return read(query);
    },
    async revoke(digests, at) {
      for (const digest of digests) await update(digest).set({ revoked: at }).where('revoked', 'is', null).execute();
    },
    async used(digest, at) {
      await update(digest).set({ last_used: at }).execute();
    },
  };
}

export function identityTable(database: Database): IdentityTable {
  return {
    async personOf(issuer, subject) {
      const query = database.selectFrom('identities').select('person').where('issuer', '=', issuer);
      return (await query.where('subject', '=', subject).executeTakeFirst())?.person ?? null;
    },
    async isLinked(issuer, person) {
      const query = database.selectFrom('identities').select('subject').where('issuer', '=', issuer);
      return (await query.where('person', '=', person).limit(1).executeTakeFirst()) !== undefined;
    },
    async unlink(person) {
      await database.deleteFrom('identities').where('person', '=', person).execute();
    },
    async add(values) {
      await database.insertInto('identities').values(values).execute();
    },
  };
}

export function decisionDigestTable(database: Database): DecisionDigestTable {
  return {
    async last() {
      const query = database.selectFrom('decision_digests').select('hour').orderBy('hour', 'desc').limit(1);
      const found = await query.executeTakeFirst();
      return found === undefined ? null : row.timeColumn(found.hour);
    },
    async add({ hour, auditId }) {
      await database.insertInto('decision_digests').values({ hour, audit_id: auditId }).execute();
    },
  };
}

export function commandLoginTable(database: Database): CommandLoginTable {
  return {
    async add(login) {
      await database.insertInto('command_logins').values(login).execute();
    },
    async take(digest) {
      const found = await database
        .deleteFrom('command_logins')
        .where('digest', '=', digest)
        .returningAll()
        .executeTakeFirst();
      if (found === undefined) return null;
      return {
        ...found,
        role: row.roleColumn(found.role),
        organization: row.organizationOrNull(found.organization),
        expires: row.timeColumn(found.expires),
      };
    },
    async forget(time) {
      await database.deleteFrom('command_logins').where('expires', '<', time).execute();
    },
  };
}

// People, their memberships, tokens, sessions and identities as rows.
import type { Role } from '@windlass/management';
import { type Kysely, type Selectable, sql } from 'kysely';
import type {
  CommandLoginTable,
  CredentialFilter,
  CredentialPage,
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
    async page({ organization, role, after, limit }) {
      let query = memberships().where('scope', '=', scopeOf(organization)).orderBy('person').limit(limit);
      if (role !== undefined) query = query.where('roles', 'like', `%"${role}"%`);
      if (after !== null) query = query.where('person', '>', after);
      return (await query.execute()).map(membershipOf);
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
  const ordered = ({ organization, person }: CredentialFilter) => {
    // Not "is not distinct from", for which PostgreSQL uses no index.
    const all = rows().where('organization', organization === null ? 'is' : '=', organization);
    const some = person === undefined ? all : all.where('person', '=', person);
    return some.orderBy('created').orderBy('id');
  };
  const read = async (query: ReturnType<typeof rows>) =>
    (await query.execute()).map((found) => rowOf(found as Selectable<ManagementDatabase[Table]>));
  const update = (digest: string) => database.updateTable<'tokens' | 'sessions'>(table).where('digest', '=', digest);
  return {
    find: (id) => read(rows().where('id', '=', id)),
    of: (filter) => read(ordered(filter)),
    async page({ active, after, limit, ...filter }) {
      let query = ordered(filter).limit(limit);
      if (active !== undefined)
        query = query.where(active.is ? isActive(active) : sql<boolean>`not ${isActive(active)}`);
      if (after !== null) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created', 'id'), '>', tuple(after.created, after.id)),
        );
      }
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

/** Somebody can act with it. */
function isActive({ at, idleSince }: NonNullable<CredentialPage['active']>) {
  const isInUse = idleSince === null ? sql`1 = 1` : sql`last_used > ${idleSince}`;
  return sql<boolean>`(revoked is null and (expires is null or expires > ${at}) and ${isInUse})`;
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

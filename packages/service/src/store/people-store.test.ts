// People, tokens, sessions and the audit's filter over every database, and how they came into one that had only tokens.
import type { OrganizationId, UnixSeconds } from '@windlass/protocol';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEachEngine } from '../testing/each-engine.ts';
import { actorOf, digestOfSecret } from '../tokens.ts';
import { openDatabase } from './database.ts';
import type { OpenDatabase } from './database-kind.ts';
import { managementDatabase } from './management-migrations.ts';
import type { ManagementTables } from './management-ports.ts';
import type { StoredSession, StoredToken } from './management-ports-people.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { createManagementStore } from './management-store.ts';

const acme = 'Acme' as OrganizationId;
const at = (seconds: number) => seconds as UnixSeconds;

describeEachEngine((newDatabase) => {
  let opened: OpenDatabase<ManagementDatabase>;
  let tables: ManagementTables;

  beforeEach(async () => {
    opened = await openDatabase<ManagementDatabase>(await newDatabase(), managementDatabase, 'create');
    tables = createManagementStore(opened.database).tables;
    await tables.organizations.add({ name: acme, epoch: 1, publishers: [], created: at(1) });
    for (const person of ['ann', 'bob']) await tables.people.ensure(person, at(1));
  });

  afterEach(async () => {
    await opened.close();
  });

  test('a person is something in an organization and in the service apart', async () => {
    const member = {
      person: 'ann',
      organization: acme,
      roles: ['approver', 'auditor'],
      created: at(5),
      disabled: null,
    } as const;
    const operator = { ...member, organization: null, roles: ['admin'] } as const;
    await tables.people.ensure('ann', at(9));
    await tables.people.add(member);
    await tables.people.add(operator);
    expect(await tables.people.memberships('ann')).toEqual([operator, member]);
    await tables.people.change({ ...member, roles: [], disabled: at(7) });
    expect(await tables.people.find('ann', acme)).toEqual({ ...member, roles: [], disabled: 7 });
    expect(await tables.people.of(null)).toEqual([operator]);
    expect(await tables.people.find('bob', acme)).toBeNull();
    await expect(tables.people.add(member)).rejects.toThrow();
  });

  const token = (letter: string, organization: OrganizationId | null): StoredToken => ({
    id: letter.repeat(8),
    person: letter === 'a' ? 'ann' : 'bob',
    name: 'laptop',
    role: organization === null ? 'admin' : 'auditor',
    organization,
    digest: letter.repeat(64),
    created: at(letter.charCodeAt(0)),
    expires: at(9000),
    revoked: null,
    lastUsed: null,
  });

  test('tokens and sessions are of an organization or of the service; a revocation keeps its first time', async () => {
    const [mine, theirs, services] = [token('a', acme), token('b', acme), token('c', null)];
    const { name: _, ...common } = token('a', acme);
    const stored: StoredSession = { ...common, expires: at(9000), lastUsed: at(3) };
    for (const [table, row] of [
      [tables.tokens, theirs],
      [tables.tokens, mine],
      [tables.tokens, services],
    ] as const) {
      await table.add(row);
    }
    await tables.sessions.add(stored);
    expect(await tables.tokens.of({ organization: acme })).toEqual([mine, theirs]);
    expect(await tables.tokens.of({ organization: acme, person: 'bob' })).toEqual([theirs]);
    expect(await tables.tokens.of({ organization: null })).toEqual([services]);
    expect(await tables.tokens.find('aaaaaaaa')).toEqual([mine]);
    for (const credentials of [tables.tokens, tables.sessions]) {
      await credentials.used(mine.digest, at(60));
      await credentials.revoke([mine.digest], at(70));
      await credentials.revoke([mine.digest], at(80));
      expect(await credentials.find('aaaaaaaa')).toMatchObject([{ lastUsed: 60, revoked: 70 }]);
    }
    expect(await tables.sessions.of({ organization: acme, person: 'ann' })).toHaveLength(1);
  });

  test('those that somebody can act with are listed apart from those that have ended', async () => {
    const { name: _, ...common } = token('a', acme);
    const ends = { a: {}, b: { expires: at(100) }, c: { revoked: at(50) }, d: { lastUsed: at(40) } };
    for (const [letter, end] of Object.entries(ends)) {
      const own = token(letter, acme);
      await tables.tokens.add({ ...own, lastUsed: at(99), ...end });
      const { id, digest } = own;
      await tables.sessions.add({ ...common, id, digest, expires: at(9000), lastUsed: at(99), ...end });
    }
    const listed = async (table: 'tokens' | 'sessions', is: boolean, idleSince: UnixSeconds | null) => {
      const which = { organization: acme, active: { is, at: at(100), idleSince }, after: null, limit: 9 };
      return (await tables[table].page(which)).map(({ id }) => id[0]).join('');
    };
    expect([await listed('tokens', true, null), await listed('tokens', false, null)]).toEqual(['ad', 'bc']);
    expect([await listed('sessions', true, at(40)), await listed('sessions', false, at(40))]).toEqual(['a', 'bcd']);
  });

  test('an account of an issuer is one person, until the person is unlinked', async () => {
    const identity = { issuer: 'https://a', subject: '1', person: 'ann', created: at(1) };
    await tables.identities.add(identity);
    expect(await tables.identities.personOf('https://a', '1')).toBe('ann');
    expect(await tables.identities.personOf('https://b', '1')).toBeNull();
    expect(await tables.identities.isLinked('https://a', 'ann')).toBe(true);
    expect(await tables.identities.isLinked('https://b', 'ann')).toBe(false);
    await expect(tables.identities.add({ ...identity, person: 'bob' })).rejects.toThrow();
    await tables.identities.unlink('ann');
    expect(await tables.identities.personOf('https://a', '1')).toBeNull();
  });

  test('an hour of decisions is summed up once', async () => {
    expect(await tables.decisionDigests.last()).toBeNull();
    await tables.decisionDigests.add({ hour: at(7200), auditId: 2 });
    await expect(tables.decisionDigests.add({ hour: at(7200), auditId: 3 })).rejects.toThrow();
    expect(await tables.decisionDigests.last()).toBe(7200);
  });

  test('the audit is narrowed by who did it: a person, or one of their tokens', async () => {
    const actors = ['ann token 01234567', 'ann@x token 89abcdef', 'anna session 01234567', 'system'];
    for (const [index, actor] of actors.entries()) {
      const fixed = {
        time: at(index),
        role: 'none',
        address: '',
        act: 'x.y',
        outcome: 'done',
        organization: null,
      } as const;
      await tables.audit.add({ ...fixed, id: index + 1, actor, object: '', detail: '{}', previousHash: '', hash: '' });
    }
    const ids = async (actor: string) =>
      (await tables.audit.after(0, 9, { organization: null, actor })).map(({ id }) => id);
    expect([await ids('ann'), await ids('ANN@x'), await ids('01234567'), await ids('system')]).toEqual([
      [1],
      [2],
      [1, 3],
      [4],
    ]);
    expect((await tables.audit.at(2))?.actor).toBe('ann@x token 89abcdef');
    expect(await tables.audit.at(9)).toBeNull();
  });

  test('tokens from before there were people work on, each of a person that is named after its role', async () => {
    const location = await newDatabase();
    const earlier = Object.entries(managementDatabase.migrations).filter(([name]) => name < '0003');
    expect(earlier.length).toBe(2);
    const only = { ...managementDatabase, migrations: Object.fromEntries(earlier) };
    const old = await openDatabase<ManagementDatabase>(location, only, 'create');
    await sql`insert into organizations (name, epoch, created) values (${acme}, 1, 1)`.execute(old.database);
    const texts = ['A', 'B', 'C', 'D'].map((letter) => `wl_${letter.repeat(43)}`);
    for (const [index, text] of texts.entries()) {
      const digest = digestOfSecret(text);
      const [role, organization] = index === 0 ? ['admin', null] : ['approver', acme];
      const expires = index === 3 ? 50 : null;
      await sql`insert into tokens (id, role, organization, digest, created, expires)
        values (${digest.slice(0, 8)}, ${role}, ${organization}, ${digest}, ${index}, ${expires})`.execute(
        old.database,
      );
    }
    await old.close();
    const current = await openDatabase<ManagementDatabase>(location, managementDatabase, 'write');
    const after = createManagementStore(current.database).tables;
    const people = await Promise.all(texts.map((text) => actorOf(after, text, '::1', at(100))));
    expect(people.map((actor) => actor && [actor.person, actor.role, actor.organization])).toEqual([
      ['admin', 'admin', null],
      // Two tokens of one role may be of one person: nobody counts as two by this.
      ['acme-approver', 'approver', 'Acme'],
      ['acme-approver', 'approver', 'Acme'],
      null,
    ]);
    expect(await after.people.of(null)).toMatchObject([{ person: 'admin', roles: ['admin'], disabled: null }]);
    await current.close();
  });
});

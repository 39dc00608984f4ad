import { parseOrganizationId } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addPersonalToken, listTokens, revokeToken } from './access-tokens.ts';
import { listAudit } from './audit.ts';
import type { Actor } from './management.ts';
import { addOrganization } from './organizations.ts';
import { addPerson, disablePerson, grantRole, listPeople, revokeRole } from './people.ts';
import { addSession, sessionActor } from './sessions.ts';
import { admin, approverOf, type Fixture, openFixture } from './testing/management-fixture.ts';
import { actorOf, addToken } from './tokens.ts';

let fixture: Fixture;
const approver = approverOf('acme');
const acme = parseOrganizationId('acme');
const at = '127.0.0.1';

beforeEach(async () => {
  fixture = await openFixture();
  await addOrganization(fixture.management, admin, { name: 'acme' });
  await addOrganization(fixture.management, admin, { name: 'other' });
});

afterEach(async () => {
  await fixture.close();
});

const whoHas = (token: string) => actorOf(fixture.management.store.tables, token, at, fixture.management.now());
const lastEntry = async () => (await listAudit(fixture.management, { organization: null, limit: 1 })).entries[0];

async function withToken(person: string, role: 'approver' | 'auditor', days?: number): Promise<string> {
  await addPerson(fixture.management, approver, { person, roles: [role] });
  const wanted = { person, name: 'laptop', ...(days === undefined ? {} : { days }) };
  return (await addPersonalToken(fixture.management, approver, wanted)).token;
}

test('the first approver of an organization is a person, named as was asked, and manages its people', async () => {
  const { management } = fixture;
  const { approverToken } = await addOrganization(management, admin, { name: 'third', approver: 'Ann@Third.Example' });
  const ann = await whoHas(approverToken);
  expect(ann).toMatchObject({ person: 'ann@third.example', role: 'approver', organization: 'third' });
  expect(ann?.name).toMatch(/^ann@third\.example token [0-9a-f]{8}$/);
  await addPerson(management, ann as Actor, { person: 'bob', roles: ['operator', 'installer'] });
  expect((await listPeople(management, ann as Actor, {})).items.map(({ person, roles }) => [person, roles])).toEqual([
    ['ann@third.example', ['approver']],
    ['bob', ['operator', 'installer']],
  ]);
  expect(await lastEntry()).toMatchObject({
    act: 'person.add',
    actor: ann?.name,
    organization: 'third',
    object: 'person third/bob',
    detail: { before: null, after: { roles: ['operator', 'installer'], disabled: false } },
  });
});

test('the operator of the service has no say over the people of an organization', async () => {
  const { management } = fixture;
  const bob = { person: 'bob', organization: 'acme' };
  await expect(addPerson(management, admin, { ...bob, roles: ['approver'] })).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(disablePerson(management, admin, bob)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(grantRole(management, admin, { ...bob, role: 'approver' })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(addPersonalToken(management, admin, { ...bob, name: 'x' })).rejects.toMatchObject({ code: 'forbidden' });
  // Nor can a person of the service be given a role of an organization, or the reverse.
  await expect(addPerson(management, admin, { person: 'bob', roles: ['approver'] })).rejects.toThrow(
    /of an organization/,
  );
  await expect(addPerson(management, approver, { person: 'bob', roles: ['admin'] })).rejects.toThrow(/of the service/);
});

test('a person of two organizations is disabled in one of them only, and there nothing tells of the other', async () => {
  const { management } = fixture;
  const mine = await withToken('msp@example.com', 'auditor');
  const other = approverOf('other');
  const there = await addPerson(management, other, { person: 'MSP@example.com', roles: ['auditor'] });
  expect(there).toMatchObject({ person: 'msp@example.com', organization: 'other', roles: ['auditor'] });
  await disablePerson(management, other, { person: 'msp@example.com' });
  expect(await whoHas(mine)).toMatchObject({ organization: 'acme' });
});

describe('disabling a person', () => {
  test('ends all tokens and sessions at once, for good', async () => {
    const { management } = fixture;
    const { store, now, randomBytes } = management;
    const token = await withToken('bob', 'auditor');
    const scope = { person: 'bob', role: 'auditor', organization: acme } as const;
    const { secret, stored } = await addSession(store.tables, scope, now(), randomBytes);
    expect(await sessionActor(store.tables, secret, at, now())).toMatchObject({ name: `bob session ${stored.id}` });
    await disablePerson(management, approver, { person: 'bob', reason: 'left' });
    expect(await whoHas(token)).toBeNull();
    expect(await sessionActor(store.tables, secret, at, now())).toBeNull();
    expect((await lastEntry())?.detail).toMatchObject({
      reason: 'left',
      before: { disabled: false },
      after: { disabled: true },
      ended: { sessions: [stored.id] },
    });
    // Enabled again: what was held before stays dead.
    await addPerson(management, approver, { person: 'bob', roles: ['auditor'] });
    expect(await whoHas(token)).toBeNull();
    expect(await sessionActor(store.tables, secret, at, now())).toBeNull();
  });

  test('the last approver and the last admin stay', async () => {
    const { management } = fixture;
    await addToken(management.store.tables, { role: 'admin' }, management.now(), management.randomBytes);
    const last = { code: 'last-of-role' };
    await expect(disablePerson(management, approver, { person: 'acme-approver' })).rejects.toMatchObject(last);
    await expect(disablePerson(management, admin, { person: 'admin' })).rejects.toMatchObject(last);
    const role = 'approver' as const;
    await expect(revokeRole(management, approver, { person: 'acme-approver', role })).rejects.toMatchObject(last);
    await addPerson(management, approver, { person: 'second', roles: ['approver'] });
    await disablePerson(management, approver, { person: 'acme-approver' });
    await expect(disablePerson(management, approver, { person: 'second' })).rejects.toMatchObject(last);
  });
});

test('a role that is taken away takes its tokens along, and no others', async () => {
  const { management } = fixture;
  await addPerson(management, approver, { person: 'bob', roles: ['operator', 'auditor'] });
  const token = async (role: 'operator' | 'auditor') =>
    (await addPersonalToken(management, approver, { person: 'bob', name: role, role })).token;
  const [operating, reading] = [await token('operator'), await token('auditor')];
  await expect(addPersonalToken(management, approver, { person: 'bob', name: 'x' })).rejects.toThrow(/name one/);
  await revokeRole(management, approver, { person: 'bob', role: 'operator' });
  expect(await whoHas(operating)).toBeNull();
  expect(await whoHas(reading)).toMatchObject({ role: 'auditor' });
});

test('one person cannot become two: of another approver only the first token is made by somebody else', async () => {
  const { management } = fixture;
  await withToken('second', 'approver');
  const again = { person: 'second', name: 'again' };
  await expect(addPersonalToken(management, approver, again)).rejects.toMatchObject({ code: 'forbidden' });
  const second = { ...approver, person: 'second' };
  await expect(addPersonalToken(management, second, { name: 'mine' })).resolves.toMatchObject({ person: 'second' });
  // Also when it was revoked, when the person was disabled in between, and when the role came later.
  for (const { id } of (await listTokens(management, approver, { person: 'second' })).items) {
    await revokeToken(management, approver, { id });
  }
  await disablePerson(management, approver, { person: 'second' });
  await addPerson(management, approver, { person: 'second', roles: ['approver'] });
  await expect(addPersonalToken(management, approver, again)).rejects.toMatchObject({ code: 'forbidden' });
  await withToken('third', 'auditor');
  await grantRole(management, approver, { person: 'third', role: 'approver' });
  const asApprover = { person: 'third', role: 'approver', name: 'x' } as const;
  await expect(addPersonalToken(management, approver, asApprover)).rejects.toMatchObject({ code: 'forbidden' });
});

test('a token and a session hold only as long as the person has the role, revoked or not', async () => {
  const { management } = fixture;
  const { store, now, randomBytes } = management;
  const token = await withToken('bob', 'auditor');
  const scope = { person: 'bob', role: 'auditor', organization: acme } as const;
  const { secret } = await addSession(store.tables, scope, now(), randomBytes);
  const member = await store.tables.people.find('bob', acme);
  if (member === null) throw new Error('bob is nobody');
  for (const change of [{ disabled: now() }, { roles: ['operator'] as const }]) {
    await store.tables.people.change({ ...member, ...change });
    expect([await whoHas(token), await sessionActor(store.tables, secret, at, now())]).toEqual([null, null]);
  }
  await store.tables.people.change(member);
  expect(await whoHas(token)).toMatchObject({ person: 'bob' });
});

describe('a token', () => {
  test('ends after 90 days, or when it was said to', async () => {
    const [usual, short] = [await withToken('bob', 'auditor'), await withToken('cid', 'auditor', 1)];
    fixture.advance(86_400);
    expect([await whoHas(usual), await whoHas(short)]).toMatchObject([{ person: 'bob' }, null]);
    fixture.advance(89 * 86_400);
    expect(await whoHas(usual)).toBeNull();
  });

  test('is listed with when it was last used, to the minute, and without its secret', async () => {
    const { management } = fixture;
    const token = await withToken('bob', 'auditor');
    const lastUsed = async () => (await listTokens(management, approver, { person: 'bob' })).items[0]?.lastUsed;
    expect(await lastUsed()).toBeNull();
    await whoHas(token);
    const first = await lastUsed();
    fixture.advance(59);
    await whoHas(token);
    expect(await lastUsed()).toBe(first);
    fixture.advance(1);
    await whoHas(token);
    expect(await lastUsed()).not.toBe(first);
    expect(JSON.stringify(await listTokens(management, approver, {}))).not.toContain(token);
  });

  test('is revoked by its owner or by who manages people, and by nobody else', async () => {
    const { management } = fixture;
    const token = await withToken('bob', 'auditor');
    const id = (await listTokens(management, approver, { person: 'bob' })).items[0]?.id ?? '';
    const asRole = (person: string): Actor => ({ ...approver, role: 'auditor', person });
    await expect(revokeToken(management, asRole('cid'), { id })).rejects.toMatchObject({ code: 'not-found' });
    await expect(revokeToken(management, approverOf('other'), { id })).rejects.toMatchObject({ code: 'not-found' });
    await expect(revokeToken(management, admin, { id })).rejects.toMatchObject({ code: 'not-found' });
    await revokeToken(management, asRole('bob'), { id, reason: 'lost' });
    expect(await whoHas(token)).toBeNull();
    expect((await lastEntry())?.detail).toEqual({
      before: { revoked: false },
      after: { revoked: true },
      reason: 'lost',
    });
  });
});

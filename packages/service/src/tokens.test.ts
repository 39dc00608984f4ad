import { readFileSync } from 'node:fs';
import { parseOrganizationId, type UnixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addOrganization } from './organizations.ts';
import { admin, type Fixture, openFixture } from './testing/management-fixture.ts';
import { actorOf, addToken } from './tokens.ts';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await openFixture();
});

afterEach(async () => {
  await fixture.close();
});

test('a token is 32 random bytes that are stored nowhere', async () => {
  const { store, randomBytes, now } = fixture.management;
  const token = await addToken(store.tables, { role: 'admin' }, now(), randomBytes);
  expect(token).toMatch(/^wl_[A-Za-z0-9_-]{43}$/);
  await store.close();
  const bytes = readFileSync(fixture.databaseFile).toString('latin1');
  expect(bytes).not.toContain(token);
  expect(bytes).not.toContain(Buffer.from(token.slice(3), 'base64url').toString('latin1'));
});

test('a token names its holder, and what is not one names nobody', async () => {
  const { store, randomBytes, now } = fixture.management;
  const token = await addToken(store.tables, { role: 'admin' }, now(), randomBytes);
  const actor = await actorOf(store.tables, token, '::1', now());
  expect(actor).toMatchObject({ role: 'admin', organization: null, address: '::1' });
  expect(actor?.name).not.toContain(token.slice(3, 11));
  const other = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
  for (const wrong of ['', 'wl_', other, token.slice(0, -1), `${token}A`, token.toUpperCase()]) {
    expect(await actorOf(store.tables, wrong, '::1', now())).toBeNull();
  }
});

test('a digest that only begins like that of a token is another', async () => {
  const { store, randomBytes, now } = fixture.management;
  const token = await addToken(store.tables, { role: 'admin' }, now(), randomBytes);
  const actor = await actorOf(store.tables, token, '::1', now());
  const id = actor?.name.split(' ').at(-1) ?? '';
  await store.tables.tokens.add({
    id,
    person: 'admin',
    name: 'other',
    role: 'approver',
    organization: null,
    digest: id.padEnd(64, '0'),
    created: now(),
    expires: null,
    revoked: null,
    lastUsed: null,
  });
  expect((await actorOf(store.tables, token, '::1', now()))?.role).toBe('admin');
});

test("a token that has expired is nobody's", async () => {
  const { store, randomBytes, now } = fixture.management;
  await addOrganization(fixture.management, admin, { name: 'acme' });
  const scope = { role: 'approver', organization: parseOrganizationId('acme') } as const;
  const end = (now() + 60) as UnixSeconds;
  const token = await addToken(store.tables, scope, now(), randomBytes, end);
  expect(await actorOf(store.tables, token, '::1', now())).toMatchObject({ role: 'approver', organization: 'acme' });
  expect(await actorOf(store.tables, token, '::1', end)).toBeNull();
});

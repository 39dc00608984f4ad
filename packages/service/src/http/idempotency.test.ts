import { ROUTES, type Route } from '@windlass/management';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from '../audit.ts';
import { addOrganization } from '../organizations.ts';
import { admin, type Fixture, openFixture } from '../testing/management-fixture.ts';
import { addToken } from '../tokens.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';

let fixture: Fixture;
let listener: ManagementListener;
let token = '';

beforeEach(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  await addOrganization(management, admin, { name: 'acme' });
  token = await tokenOf('somebody');
  listener = await startManagementListener({ management, address: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await listener.close();
  await fixture.close();
});

async function tokenOf(person: string): Promise<string> {
  const { store, now, randomBytes } = fixture.management;
  return addToken(store.tables, { role: 'admin', person }, now(), randomBytes);
}

async function post(path: string, body: object, key: string, by = token) {
  const headers = { authorization: `Bearer ${by}`, 'content-type': 'application/json', 'idempotency-key': key };
  const response = await fetch(`${listener.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, text, code: JSON.parse(text).code as string | undefined };
}
const addPerson = (person: string, key: string, by?: string) =>
  post('/v1/people', { person, roles: ['admin'] }, key, by);

test('the same request with the same key gets the same answer, with and without the quotation marks', async () => {
  const first = await addPerson('alice', '"key-1"');
  expect(first.status).toBe(201);
  expect(await addPerson('alice', 'key-1')).toEqual(first);
  const { entries } = await listAudit(fixture.management, { organization: null, act: 'person.add' });
  expect(entries).toHaveLength(1);
});

test('the order of members does not matter, anything else does: another body, another path', async () => {
  await addPerson('alice', 'k');
  expect((await post('/v1/people', { roles: ['admin'], person: 'alice' }, 'k')).status).toBe(201);
  expect(await addPerson('bob', 'k')).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  const disable = await post('/v1/people/alice/disable', {}, 'k');
  expect(disable).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
});

test("another person's key is another, and who may not is refused whatever was done before", async () => {
  await addPerson('alice', 'k');
  expect(await addPerson('bob', 'k', await tokenOf('other'))).toMatchObject({ status: 201 });
  expect(await addPerson('alice', 'k', 'wl_wrong')).toMatchObject({ status: 401 });
});

test.each(['', '""', 'a b', 'ä', 'x'.repeat(65), '"x', 'a, b', '../x'])(
  'a malformed key is refused: %s',
  async (key) => {
    const answer = await addPerson('alice', encodeURI(key));
    expect([answer.status, answer.code]).toEqual([400, 'invalid-request']);
  },
);

test('who asks what would happen is told anew each time, whatever the key', () => {
  const headers = { 'idempotency-key': 'k' };
  const keyOf = (dryRun: boolean) => idempotencyKeyOf(ROUTES.importManifest, { headers, body: { dryRun } });
  expect([keyOf(true), keyOf(false)]).toEqual([null, 'k']);
});

test('a key that comes twice in one request is malformed', async () => {
  const { request } = await import('node:http');
  const headers = ['authorization', `Bearer ${token}`, 'idempotency-key', 'a', 'idempotency-key', 'b'];
  const status = await new Promise((resolve, reject) => {
    const url = `${listener.url}/v1/tokens/abcdef01`;
    const outgoing = request(url, { method: 'DELETE', headers }, (response) => resolve(response.statusCode));
    outgoing.on('error', reject).end();
  });
  expect(status).toBe(400);
});

test('a new token is given once: a repeat says that it was made, and to revoke it', async () => {
  const first = await post('/v1/tokens', { name: 'mine' }, 'k');
  expect(first.status).toBe(201);
  const again = await post('/v1/tokens', { name: 'mine' }, 'k');
  expect(again).toMatchObject({ status: 409, code: 'done-already' });
  expect(again.text).toMatch(/revoke the token that was made/);
  const rows = JSON.stringify(
    await fixture.management.store.tables.keptAnswers.find({ person: 'somebody', organization: null }, 'k'),
  );
  expect(rows).not.toContain(JSON.parse(first.text).token);
});

test('every answer with a secret is marked as one', () => {
  const secret = /token$|secret|password/i;
  for (const [name, { answer, secret: remedy }] of Object.entries<Route>(ROUTES)) {
    const members = 'properties' in answer ? Object.keys(answer.properties as object) : [];
    // What another approver asked for may make a token.
    const isSecret = name === 'approve' || members.some((member) => secret.test(member));
    expect([name, remedy !== undefined]).toEqual([name, isSecret]);
  }
});

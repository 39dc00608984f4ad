// Generated from the route table: each act once, by somebody who looked before; twice with one key; and by somebody who looked too long ago.
import { ROUTES, type Route, SHOWN_ROUTES } from '@windlass/management';
import { parseOrganizationId } from '@windlass/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAudit } from '../audit.ts';
import { addOrganization } from '../organizations.ts';
import { admin, type Fixture, openFixture } from '../testing/management-fixture.ts';
import { type Asker, type ChangingRoute, RIGHTFUL_ACTS } from '../testing/rightful-acts.ts';
import { type RouteInput, requestFor } from '../testing/route-inputs.ts';
import { addToken } from '../tokens.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';
import { etagOf } from './preconditions.ts';

const acts = Object.keys(RIGHTFUL_ACTS) as ChangingRoute[];
const table: Readonly<Record<string, Route>> = ROUTES;
let fixture: Fixture;
let listener: ManagementListener;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  const { store, now, randomBytes } = management;
  for (const name of ['acme', 'rival']) {
    await addOrganization(management, admin, { name });
    const scope = { role: 'approver', organization: parseOrganizationId(name) } as const;
    tokens[name] = await addToken(store.tables, scope, now(), randomBytes);
  }
  tokens['admin'] = await addToken(store.tables, { role: 'admin' }, now(), randomBytes);
  listener = await startManagementListener({ management, address: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await listener.close();
  await fixture.close();
});

type Headers = Readonly<Record<string, string>>;

async function send(route: Route, as: Asker, input: RouteInput, headers: Headers = {}) {
  const { path, init } = requestFor(route, input, { authorization: `Bearer ${tokens[as]}`, ...headers });
  const response = await fetch(listener.url + path, init);
  const text = await response.text();
  const code = response.status < 400 ? undefined : (JSON.parse(text).code as string);
  return { status: response.status, text, code, etag: response.headers.get('etag') };
}

/** The ETag of what the route changes; null: it is not there for who asks. */
async function look({ guardedBy = '' }: Route, as: Asker, input: RouteInput): Promise<string | null> {
  const route = table[guardedBy];
  if (route === undefined) throw new Error(`There is no route ${guardedBy}.`);
  const { status, etag } = await send(route, as, input);
  return status === 200 ? etag : null;
}

const doneActs = async (act: string) =>
  (await listAudit(fixture.management, { organization: null, act, outcome: 'done', limit: 1000 })).entries.length;

describe.each(acts)('%s', (name) => {
  const route: Route = ROUTES[name];
  const [by, inputOf] = RIGHTFUL_ACTS[name];

  test('is done once, and only while the object is what was looked at', async () => {
    const input = await inputOf(fixture);
    const count = await doneActs(route.act);
    const wrong = await send(route, by, input, { 'if-match': etagOf('another') });
    const refused = route.guardedBy === undefined ? 'invalid-request' : 'changed-meanwhile';
    expect(wrong).toMatchObject({ status: route.guardedBy === undefined ? 400 : 412, code: refused });
    expect(await doneActs(route.act)).toBe(count);

    const looked = route.guardedBy === undefined ? null : await look(route, by, input);
    expect(looked !== null).toBe(route.guardedBy !== undefined);
    const ifMatch: Headers = looked === null ? {} : { 'if-match': `${etagOf('another')}, ${looked}` };
    const done = await send(route, by, input, { ...ifMatch, 'idempotency-key': name });
    expect(done).toMatchObject({ status: route.method === 'POST' ? 201 : 200 });
    // A transfer stands in the audit of both organizations.
    const after = await doneActs(route.act);
    expect(after).toBeGreaterThan(count);

    // The object is another one by now, yet the answer to the same request is the same.
    const again = await send(route, by, input, { ...ifMatch, 'idempotency-key': name });
    if (route.secret === undefined) expect(again).toEqual(done);
    else expect(again).toMatchObject({ status: 409, code: 'done-already' });
    expect(await doneActs(route.act)).toBe(after);

    if (looked === null) return;
    expect(await look(route, by, input)).not.toBe(looked);
    const late = await send(route, by, input, ifMatch);
    expect(['changed-meanwhile', 'not-found']).toContain(late.code);
    expect(await doneActs(route.act)).toBe(after);
  });
});

describe('of two who looked at the same', () => {
  test('one does it, and the other is told to look again', async () => {
    const person = { person: 'dora', roles: ['operator'] };
    await send(ROUTES.addPerson, 'acme', person);
    const looked = await look(ROUTES.grantRole, 'acme', person);
    const grant = (role: string) => send(ROUTES.grantRole, 'acme', { ...person, role }, { 'if-match': looked ?? '' });
    // Both are in before either can begin.
    const { asked } = await fixture.management.store.transaction(async () => {
      const sent = ['installer', 'auditor'].map(grant);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { asked: sent };
    });
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 412]);
  });
});

describe('a look at one object', () => {
  const dora = { person: 'dora' };
  const see = (headers: Headers) => send(ROUTES.showPerson, 'acme', dora, headers);

  test('has an ETag, which is the same while the object is', async () => {
    const first = await see({});
    expect(first.etag).toMatch(/^"[A-Za-z0-9_-]{43}"$/);
    expect((await see({})).etag).toBe(first.etag);
  });

  test('is short for who knows what came of it, and whole for who knows something else', async () => {
    const { etag, text } = await see({});
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      expect(await see({ 'if-none-match': known ?? '' })).toMatchObject({ status: 304, text: '', etag });
    }
    expect(await see({ 'if-none-match': '"other"' })).toMatchObject({ status: 200, text, etag });
  });

  test('every such route has one, and no other', async () => {
    expect(SHOWN_ROUTES.size).toBeGreaterThan(5);
    expect((await send(ROUTES.listPeople, 'acme', {})).etag).toBeNull();
    const { etag } = await see({});
    expect((await send(ROUTES.listPeople, 'acme', {}, { 'if-none-match': etag ?? '' })).status).toBe(200);
  });
});

test.each(['', 'x', '"a" "b"', '"a', '*, "a"', `"${'x'.repeat(200)}"`])(
  'a malformed precondition is refused: %s',
  async (text) => {
    const input = { person: 'dora', role: 'auditor' };
    const change = await send(ROUTES.grantRole, 'acme', input, { 'if-match': text });
    expect([change.status, change.code]).toEqual([400, 'invalid-request']);
    const look = await send(ROUTES.showPerson, 'acme', input, { 'if-none-match': text });
    expect([look.status, look.code]).toEqual([400, 'invalid-request']);
  },
);

test('a weak tag is never the same, and * is whatever there is', async () => {
  const input = { person: 'dora', role: 'auditor' };
  const { etag } = await send(ROUTES.showPerson, 'acme', input);
  expect((await send(ROUTES.grantRole, 'acme', input, { 'if-match': `W/${etag}` })).status).toBe(412);
  expect((await send(ROUTES.grantRole, 'acme', { ...input, person: 'nobody' }, { 'if-match': '*' })).status).toBe(404);
  expect((await send(ROUTES.grantRole, 'acme', input, { 'if-match': '*' })).status).toBe(201);
});

test('the order of members makes no other ETag', () => {
  expect(etagOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(etagOf({ b: [{ d: 3, c: 2 }], a: 1 }));
  expect(etagOf({ a: 1 })).not.toBe(etagOf({ a: '1' }));
});

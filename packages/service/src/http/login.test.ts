import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrganizationRole } from '@windlass/management';
import { parseOrganizationId } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAudit } from '../audit.ts';
import { addOrganization } from '../organizations.ts';
import { addPerson, disablePerson, revokeRole } from '../people.ts';
import { IDLE_SECONDS, listSessions, revokeSession, SESSION_SECONDS } from '../sessions.ts';
import { openBrowser } from '../testing/browser.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startIdentityProvider,
  type TestAccount,
  type TestIdentityProvider,
} from '../testing/identity-provider.ts';
import { admin, approverOf, type Fixture, openFixture } from '../testing/management-fixture.ts';
import { readLoginSecret } from './login-secret.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';

let fixture: Fixture;
let provider: TestIdentityProvider;
let listener: ManagementListener;
/** Where browsers find the listener, as behind a reverse proxy: its own port is any free one, and known too late for the provider. */
const ORIGIN = 'http://windlass.example';
const approver = approverOf('acme');
const ann: TestAccount = { subject: 'id-of-ann', email: 'Ann@acme.example', emailVerified: true };

beforeEach(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  const redirectUrl = `${ORIGIN}/login/callback`;
  provider = await startIdentityProvider(redirectUrl);
  const config = { issuer: provider.issuer, clientId: CLIENT_ID, clientSecretFile: '', redirectUrl };
  const login = { config, secret: CLIENT_SECRET };
  listener = await startManagementListener({ management, address: '127.0.0.1', port: 0, login });
  await addOrganization(management, admin, { name: 'acme' });
  await addPerson(management, approver, { person: 'ann@acme.example', roles: ['auditor', 'approver'] });
  provider.signInAs(ann);
});

afterEach(async () => {
  await listener.close();
  await provider.close();
  await fixture.close();
});

const browser = () => openBrowser(ORIGIN, listener.url);

const PEOPLE = `${ORIGIN}/v1/people`;
const bodyOf = async (response: Response) => (await response.json()) as Readonly<Record<string, unknown>>;
const entries = async () => (await listAudit(fixture.management, { organization: null, limit: 20 })).entries;

describe('a person logs in', () => {
  test('with authorization code and PKCE, is who their verified address says, and acts in one role', async () => {
    const { go, logIn, jar } = browser();
    const answer = await logIn();
    expect([answer.status, await bodyOf(answer)]).toEqual([
      200,
      { person: 'ann@acme.example', role: 'approver', organization: 'acme' },
    ]);
    const [cookie = ''] = answer.headers.getSetCookie().filter((line) => line.startsWith('windlass-session='));
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await go(PEOPLE)).status).toBe(200);
    const [entry] = await entries();
    expect(entry).toMatchObject({ act: 'session.add', outcome: 'done', role: 'approver', organization: 'acme' });
    expect(entry?.actor).toMatch(/^ann@acme\.example session [0-9a-f]{8}$/);
    // The secret is nowhere but in the cookie.
    const stored = JSON.stringify([await entries(), await listSessions(fixture.management, approver, {})]);
    expect(stored).not.toContain(jar().get('windlass-session'));
  });

  test('the second time by issuer and subject, whatever their address is then', async () => {
    await browser().logIn();
    provider.signInAs({ subject: 'id-of-ann', email: 'married@acme.example', emailVerified: true });
    expect((await browser().logIn()).status).toBe(200);
    // Another account with the address is not the person any more.
    provider.signInAs({ ...ann, subject: 'somebody-else' });
    expect((await browser().logIn()).status).toBe(403);
  });

  test('in the role and the organization that they name, if they have them', async () => {
    expect(await bodyOf(await browser().logIn('/login?role=auditor'))).toMatchObject({ role: 'auditor' });
    expect((await browser().logIn('/login?role=operator')).status).toBe(403);
    expect((await browser().logIn('/login?organization=other')).status).toBe(403);
    await addOrganization(fixture.management, admin, { name: 'other' });
    await addPerson(fixture.management, approverOf('other'), { person: 'ann@acme.example', roles: ['operator'] });
    expect((await bodyOf(await browser().logIn()))['detail']).toMatch(/^You are in acme, other: log in with/);
    const there = await browser().logIn('/login?organization=other');
    expect(await bodyOf(there)).toMatchObject({ role: 'operator', organization: 'other' });
  });

  test('and out: the session has ended', async () => {
    const { go, logIn, jar } = browser();
    await logIn();
    const stolen = jar().get('windlass-session') ?? '';
    const out = await go(`${ORIGIN}/logout`, { method: 'POST', headers: { origin: ORIGIN } });
    expect([out.status, jar().has('windlass-session')]).toEqual([204, false]);
    const again = await browser().go(PEOPLE, { headers: { cookie: `windlass-session=${stolen}` } });
    expect([again.status, (await bodyOf(again))['code']]).toEqual([401, 'unauthenticated']);
  });
});

describe('nobody else logs in', () => {
  const refused: readonly [string, TestAccount][] = [
    ['an unknown person', { subject: 'x', email: 'eve@acme.example', emailVerified: true }],
    ['somebody whose address is not verified', { subject: 'x', email: 'ann@acme.example', emailVerified: false }],
    ['somebody without an address', { subject: 'x' }],
    ['somebody whose name at the provider is that of a person', { subject: 'ann@acme.example' }],
  ];
  test.each(refused)('%s', async (_, account) => {
    provider.signInAs(account);
    const { logIn, jar } = browser();
    const answer = await logIn();
    expect([answer.status, (await bodyOf(answer))['code']]).toEqual([403, 'forbidden']);
    expect(jar().size).toBe(0);
    expect((await entries())[0]).toMatchObject({ act: 'session.add', outcome: 'refused', actor: 'anonymous' });
  });

  test('a disabled person, also one who logged in before', async () => {
    await addPerson(fixture.management, approver, { person: 'bob@acme.example', roles: ['auditor'] });
    await disablePerson(fixture.management, approver, { person: 'bob@acme.example' });
    provider.signInAs({ subject: 'id-of-bob', email: 'bob@acme.example', emailVerified: true });
    expect((await browser().logIn()).status).toBe(403);
    await addPerson(fixture.management, approver, { person: 'bob@acme.example', roles: ['auditor'] });
    const { go, logIn } = browser();
    expect((await logIn()).status).toBe(200);
    expect((await go(PEOPLE)).status).toBe(200);
    await disablePerson(fixture.management, approver, { person: 'bob@acme.example' });
    expect((await go(PEOPLE)).status).toBe(401);
    expect((await browser().logIn()).status).toBe(403);
  });

  test.each([
    ['a wrong state', 'state', 'x'.repeat(43)],
    ['a made-up code', 'code', 'made-up'],
    ['an issuer that is another (RFC 9207)', 'iss', 'https://evil.example'],
  ])('with %s', async (_, name, value) => {
    const { go, toCallback } = browser();
    const url = new URL(await toCallback());
    url.searchParams.set(name, value);
    expect((await go(url.href)).status).toBe(401);
  });

  test.each(['nonce', 'verifier'])('with a %s that is of another attempt', async (name) => {
    const { go, toCallback, jar } = browser();
    const url = await toCallback();
    const pending = JSON.parse(Buffer.from(jar().get('windlass-login') ?? '', 'base64url').toString());
    const other = Buffer.from(JSON.stringify({ ...pending, [name]: 'y'.repeat(43) })).toString('base64url');
    jar().set('windlass-login', other);
    expect((await go(url)).status).toBe(401);
  });

  test('with a code that was used, and not from another browser', async () => {
    const { go, toCallback, jar } = browser();
    const url = await toCallback();
    const pending = jar().get('windlass-login') ?? '';
    expect((await browser().go(url)).status).toBe(401);
    expect((await go(url)).status).toBe(200);
    expect((await go(url)).status).toBe(401);
    jar().set('windlass-login', pending);
    expect((await go(url)).status).toBe(401);
  });

  test('and whoever tries again and again has to wait; the audit does not grow with them', async () => {
    const callback = `${listener.url}/login/callback?code=x&state=y`;
    const codes: number[] = [];
    for (let index = 0; index < 15; index++) codes.push((await fetch(callback)).status);
    expect([codes.filter((code) => code === 401).length, codes.at(-1)]).toEqual([10, 429]);
    expect((await entries()).filter(({ act }) => act === 'session.add').length).toBeLessThanOrEqual(10);
  });
});

describe('a session', () => {
  test('ends when it is not used, and after its time however much it is used', async () => {
    const idle = browser();
    await idle.logIn();
    fixture.advance(IDLE_SECONDS - 1);
    expect((await idle.go(PEOPLE)).status).toBe(200);
    fixture.advance(IDLE_SECONDS);
    expect((await idle.go(PEOPLE)).status).toBe(401);
    const busy = browser();
    await busy.logIn();
    for (let left = SESSION_SECONDS; left > IDLE_SECONDS / 2; left -= IDLE_SECONDS / 2) {
      expect((await busy.go(PEOPLE)).status).toBe(200);
      fixture.advance(IDLE_SECONDS / 2);
    }
    // Half an hour of it is left, and less than that since it was last used.
    expect((await busy.go(PEOPLE)).status).toBe(200);
    fixture.advance(IDLE_SECONDS / 2);
    expect((await busy.go(PEOPLE)).status).toBe(401);
  });

  test('is listed and revoked, and ends with the role it was for', async () => {
    const { management } = fixture;
    const { go, logIn } = browser();
    await logIn();
    const { items } = await listSessions(management, approver, {});
    expect(items).toMatchObject([
      { person: 'ann@acme.example', role: 'approver', organization: 'acme', revoked: null },
    ]);
    await revokeSession(management, approver, { id: items[0]?.id ?? '', reason: 'laptop lost' });
    expect((await go(PEOPLE)).status).toBe(401);
    await logIn();
    expect((await go(PEOPLE)).status).toBe(200);
    await revokeRole(management, approver, { person: 'ann@acme.example', role: 'approver' as OrganizationRole });
    expect((await go(PEOPLE)).status).toBe(401);
  });

  test.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another site that hides its origin', { origin: 'null' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }],
    ['a browser that says nothing', {}],
  ])('changes nothing for %s', async (_, headers) => {
    const { go, logIn } = browser();
    await logIn();
    const body = JSON.stringify({ person: 'eve', roles: ['approver'] });
    const type = { 'content-type': 'application/json' };
    const crossed = await go(PEOPLE, { method: 'POST', body, headers: { ...type, ...headers } });
    expect([crossed.status, (await bodyOf(crossed))['code']]).toEqual([403, 'forbidden']);
    expect((await entries())[0]).toMatchObject({ act: 'person.add', outcome: 'refused', role: 'approver' });
    expect((await go(`${ORIGIN}/logout`, { method: 'POST', headers })).status).toBe(403);
    const own = await go(PEOPLE, { method: 'POST', body, headers: { ...type, origin: ORIGIN } });
    expect(own.status).toBe(201);
  });

  test('does not stand in for a token that is wrong', async () => {
    const { go, logIn } = browser();
    await logIn();
    expect((await go(PEOPLE, { headers: { authorization: 'Bearer wl_wrong' } })).status).toBe(401);
  });

  test('of another organization reaches nothing', async () => {
    await addOrganization(fixture.management, admin, { name: 'other' });
    const { go, logIn } = browser();
    await logIn();
    const answer = await go(`${ORIGIN}/v1/organizations/other/networks`);
    const unknown = await go(`${ORIGIN}/v1/organizations/nulla/networks`);
    expect([answer.status, unknown.status]).toEqual([404, 404]);
    expect((await answer.text()).replaceAll('other', 'nulla')).toBe(await unknown.text());
    expect(parseOrganizationId('other')).toBe('other');
  });
});

test('behind TLS the cookies are secure, and of this host alone', async () => {
  const redirectUrl = 'https://windlass.example/login/callback';
  const config = { issuer: provider.issuer, clientId: CLIENT_ID, clientSecretFile: '', redirectUrl };
  const login = { config, secret: CLIENT_SECRET };
  const { management } = fixture;
  const secured = await startManagementListener({ management, address: '127.0.0.1', port: 0, login });
  const [cookie] = (await fetch(`${secured.url}/login`, { redirect: 'manual' })).headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-windlass-login=.*; Path=\/; HttpOnly; Secure; SameSite=Lax/);
  await secured.close();
});

test('a provider that cannot be reached is told apart, and tried again', async () => {
  await provider.close();
  const answer = await fetch(`${listener.url}/login`, { redirect: 'manual' });
  expect([answer.status, (await bodyOf(answer))['code']]).toEqual([503, 'unavailable']);
  expect((await fetch(`${listener.url}/healthz`)).status).toBe(200);
});

test('the client secret is read from a file that nobody else may read', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'windlass-login-'));
  const clientSecretFile = join(directory, 'secret');
  const config = { issuer: '', clientId: '', redirectUrl: '', clientSecretFile };
  writeFileSync(clientSecretFile, 'hush\n', { mode: 0o600 });
  expect(await readLoginSecret(config)).toBe('hush');
  rmSync(clientSecretFile);
  await expect(readLoginSecret(config)).rejects.toMatchObject({ code: 'file-unreadable' });
  writeFileSync(clientSecretFile, 'hush\n', { mode: 0o644 });
  await expect(readLoginSecret(config)).rejects.toThrow(/chmod 600/);
  rmSync(directory, { recursive: true });
});

// Logging in with a command: what the browser brings it, that it is good once, in time, and for that command alone.
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAudit } from '../audit.ts';
import { addOrganization } from '../organizations.ts';
import { addPerson, disablePerson } from '../people.ts';
import { openBrowser } from '../testing/browser.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startIdentityProvider,
  type TestIdentityProvider,
} from '../testing/identity-provider.ts';
import { admin, approverOf, type Fixture, openFixture } from '../testing/management-fixture.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';

const ORIGIN = 'http://windlass.example';
const PORT = 28_999;
const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');
let fixture: Fixture;
let provider: TestIdentityProvider;
let listener: ManagementListener;

beforeEach(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  const redirectUrl = `${ORIGIN}/login/callback`;
  provider = await startIdentityProvider(redirectUrl);
  const config = { issuer: provider.issuer, clientId: CLIENT_ID, clientSecretFile: '', redirectUrl };
  const login = { config, secret: CLIENT_SECRET };
  listener = await startManagementListener({ management, address: '127.0.0.1', port: 0, login });
  await addOrganization(management, admin, { name: 'acme' });
  await addPerson(management, approverOf('acme'), { person: 'ann@acme.example', roles: ['approver'] });
  provider.signInAs({ subject: 'id-of-ann', email: 'ann@acme.example', emailVerified: true });
});
afterEach(async () => {
  await listener.close();
  await provider.close();
  await fixture.close();
});

const start = (more: Readonly<Record<string, string>> = {}) =>
  `/login?${new URLSearchParams({ port: String(PORT), challenge, ...more })}`;
const lastEntry = async () => (await listAudit(fixture.management, { organization: null, limit: 1 })).entries[0];

/** What the page's link brings to the command. */
async function codeOf(page: Response): Promise<string> {
  const text = await page.text();
  const [, code = ''] = new RegExp(`href="http://127\\.0\\.0\\.1:${PORT}/\\?code=([^"]+)"`).exec(text) ?? [];
  expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/);
  return code;
}

const logIn = async () => codeOf(await openBrowser(ORIGIN, listener.url).logIn(start()));
const redeem = (body: object) =>
  fetch(`${listener.url}/login/command`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const people = (token: string) => fetch(`${listener.url}/v1/people`, { headers: { authorization: `Bearer ${token}` } });

test('the person is asked in the browser, and the command has a token as long as a session', async () => {
  const { logIn: browse, jar } = openBrowser(ORIGIN, listener.url);
  const page = await browse(start());
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'$/);
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(jar().has('windlass-session')).toBe(false);
  expect(await lastEntry()).toMatchObject({
    act: 'session.offer',
    actor: 'ann@acme.example login',
    organization: 'acme',
    detail: { issuer: provider.issuer, subject: 'id-of-ann', after: { role: 'approver' } },
  });
  const text = await page.clone().text();
  expect(text).toContain('ann@acme.example, approver of acme');
  const answer = await redeem({ code: await codeOf(page), verifier });
  const made = (await answer.json()) as { token: string; person: string; role: string; id: string };
  expect([answer.status, made]).toEqual([
    201,
    expect.objectContaining({ person: 'ann@acme.example', role: 'approver', organization: 'acme', name: 'login' }),
  ]);
  expect((await people(made.token)).status).toBe(200);
  expect(await lastEntry()).toMatchObject({
    actor: `ann@acme.example token ${made.id}`,
    act: 'token.add',
    organization: 'acme',
    detail: { issuer: provider.issuer, subject: 'id-of-ann', before: null, after: { name: 'login', role: 'approver' } },
  });
  fixture.advance(12 * 3600);
  expect((await people(made.token)).status).toBe(401);
});

describe('nobody else gets a token', () => {
  const refused = async (body: object) => {
    const answer = await redeem(body);
    const { code } = (await answer.json()) as { code: string };
    expect([answer.status, code]).toEqual([401, 'unauthenticated']);
    expect(await lastEntry()).toMatchObject({ act: 'session.add', outcome: 'refused' });
  };

  test('with a code that was used', async () => {
    const code = await logIn();
    expect((await redeem({ code, verifier })).status).toBe(201);
    await refused({ code, verifier });
  });

  test('with the verifier of another command; the code is dead then', async () => {
    const code = await logIn();
    await refused({ code, verifier: randomBytes(32).toString('base64url') });
    await refused({ code, verifier });
  });

  test('with a code that nobody was given', async () => {
    await logIn();
    await refused({ code: randomBytes(32).toString('base64url'), verifier });
  });

  test('later than a minute; what nobody fetched is forgotten with the next login', async () => {
    const code = await logIn();
    fixture.advance(61);
    await refused({ code, verifier });
    const late = createHash('sha256')
      .update(await logIn())
      .digest('hex');
    fixture.advance(61);
    await logIn();
    expect(await fixture.management.store.tables.commandLogins.take(late)).toBe(null);
  });

  test('who was disabled meanwhile', async () => {
    const code = await logIn();
    await addPerson(fixture.management, approverOf('acme'), { person: 'bob', roles: ['approver'] });
    await disablePerson(fixture.management, approverOf('acme'), { person: 'ann@acme.example' });
    await refused({ code, verifier });
  });

  test('and no code is kept as it is', async () => {
    const code = await logIn();
    const { commandLogins } = fixture.management.store.tables;
    const kept = await commandLogins.take(createHash('sha256').update(code).digest('hex'));
    expect(kept).not.toBe(null);
    expect(JSON.stringify(kept)).not.toContain(code);
  });
});

test.each([
  ['a port that is none', { port: '99999' }],
  ['a port of the system', { port: '80' }],
  ['another host', { port: '28999@evil.example' }],
  ['no challenge', { challenge: '' }],
])('a login for a command with %s is refused before it begins', async (_, more) => {
  const answer = await fetch(listener.url + start(more), { redirect: 'manual' });
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'invalid-request']);
});

test('a body of another form is refused', async () => {
  for (const body of [{}, { code: 'x', verifier }, { code: verifier, verifier, more: 1 }]) {
    const answer = await redeem(body);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'invalid-request']);
  }
});

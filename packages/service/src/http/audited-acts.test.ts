// Generated from the route table: what each changing route does stands in the audit, with who, from where, what it was before and what it is
// after, and why; and so does each time it says no. No secret of the requests and answers is anywhere in it.
import { type AuditEntry, ROUTES, type Route } from '@windlass/management';
import { parseOrganizationId } from '@windlass/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson, exportAudit, verifyAudit } from '../audit.ts';
import { runJobs } from '../job-runner.ts';
import { addOrganization } from '../organizations.ts';
import { admin, type Fixture, openFixture } from '../testing/management-fixture.ts';
import { tokenOf } from '../testing/manifest-fixture.ts';
import { type Asker, type ChangingRoute, CODE, LONG_CODE, REASON, RIGHTFUL_ACTS } from '../testing/rightful-acts.ts';
import { type RouteInput, requestFor } from '../testing/route-inputs.ts';
import { addToken, digestOfSecret, idOfDigest } from '../tokens.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';

const acts = Object.keys(RIGHTFUL_ACTS) as ChangingRoute[];
let fixture: Fixture;
let listener: ManagementListener;
const tokens: Record<string, string> = {};
/** Whatever must be nowhere in the audit. */
const secrets = new Set([
  CODE,
  CODE.replace('-', ''),
  tokenOf(CODE),
  LONG_CODE,
  LONG_CODE.replaceAll('-', ''),
  tokenOf(LONG_CODE),
  'PRIVATE KEY',
]);

beforeAll(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  const { store, now, randomBytes } = management;
  for (const name of ['acme', 'rival']) {
    secrets.add((await addOrganization(management, admin, { name })).approverToken);
    const scope = { role: 'approver', organization: parseOrganizationId(name) } as const;
    tokens[name] = await addToken(store.tables, scope, now(), randomBytes);
  }
  const reader = { role: 'auditor', organization: parseOrganizationId('acme') } as const;
  tokens['auditor'] = await addToken(store.tables, reader, now(), randomBytes);
  tokens['admin'] = await addToken(store.tables, { role: 'admin' }, now(), randomBytes);
  for (const token of Object.values(tokens)) secrets.add(token);
  listener = await startManagementListener({ management, address: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await listener.close();
  await fixture.close();
});

async function send(route: Route, as: Asker | 'auditor', input: RouteInput) {
  const { path, init } = requestFor(route, input, { authorization: `Bearer ${tokens[as]}` });
  const response = await fetch(listener.url + path, init);
  const text = await response.text();
  for (const secret of text.match(/wl_[A-Za-z0-9_-]+/g) ?? []) secrets.add(secret);
  return { status: response.status, text };
}

async function entries(): Promise<readonly AuditEntry[]> {
  return (await exportAudit(fixture.management, { organization: null, limit: 1000 })).entries;
}

const addedSince = async (count: number) => (await entries()).slice(count);
const actorName = (as: string, person: string) => `${person} token ${idOfDigest(digestOfSecret(tokens[as] ?? ''))}`;
const PEOPLE = { admin: 'admin', acme: 'acme-approver', rival: 'rival-approver' } as const;

/** What an entry says of who asked. */
const askedBy = (as: Asker) => ({
  actor: actorName(as, PEOPLE[as]),
  role: as === 'admin' ? 'admin' : 'approver',
  address: '127.0.0.1',
});
const reasonIn = ({ reason }: RouteInput) => (reason === undefined ? {} : { reason: REASON });

describe.each(acts)('%s', (name) => {
  const route: Route = ROUTES[name];
  const [by, inputOf] = RIGHTFUL_ACTS[name];
  let input: RouteInput;

  test('as it should be: who, from where, on what, before, after and why stand in the audit', async () => {
    input = await inputOf(fixture);
    const hasReason = 'reason' in { ...route.body?.properties, ...route.query.properties };
    expect('reason' in input).toBe(hasReason);
    if (!route.roles.includes('auditor')) {
      const count = (await entries()).length;
      expect(await send(route, 'auditor', input)).toMatchObject({ status: 403 });
      expect(await addedSince(count)).toMatchObject([
        {
          ...{ act: route.act, outcome: 'refused', role: 'auditor', address: '127.0.0.1', organization: 'acme' },
          actor: actorName('auditor', 'acme-auditor'),
          // The body was not read.
          detail: { code: 'forbidden', status: 403 },
        },
      ]);
    }
    const count = (await entries()).length;
    expect(await send(route, by, input)).toMatchObject({ status: route.method === 'POST' ? 201 : 200 });
    // What is approved stands beside the approval.
    const added = (await addedSince(count)).filter(({ act }) => !act.startsWith('alert.'));
    const byThem = added.filter(({ actor }) => actor === askedBy(by).actor);
    const done = name === 'approve' ? byThem.filter(({ act }) => act === route.act) : byThem;
    expect(done).toMatchObject([
      { act: route.act, outcome: 'done', ...askedBy(by), object: expect.stringMatching(/./), detail: reasonIn(input) },
    ]);
    const { before, after } = done[0]?.detail ?? {};
    expect([before, after]).not.toContain(undefined);
    expect(canonicalJson(after)).not.toBe(canonicalJson(before));
  });

  test('again: when it is refused now, that stands in the audit', async () => {
    const count = (await entries()).length;
    const { status, text } = await send(route, by, input);
    if (status < 400) return;
    // It may be an alert besides.
    const own = (await addedSince(count)).filter(({ act }) => act === route.act);
    expect(own).toMatchObject([
      { outcome: 'refused', ...askedBy(by), detail: { code: JSON.parse(text).code, status } },
    ]);
  });

  test('in a form that it does not take: refused, and that stands in the audit', async () => {
    const count = (await entries()).length;
    const { path, init } = requestFor(route, input, { authorization: `Bearer ${tokens[by]}` });
    const { status } = await fetch(`${listener.url}${path}${path.includes('?') ? '&' : '?'}more=1`, init);
    expect(status).toBe(400);
    expect(await addedSince(count)).toMatchObject([
      { act: route.act, outcome: 'refused', ...askedBy(by), detail: { code: 'invalid-request', ...reasonIn(input) } },
    ]);
  });
});

test('what the service does by itself afterwards says before and after as well', async () => {
  await runJobs(fixture.management);
  const all = await entries();
  const bySystem = new Set(all.filter(({ actor }) => actor === 'system').map(({ act }) => act));
  expect(bySystem).toEqual(new Set(['claim.renew', 'profile.stage', 'organization.epoch']));
  for (const { act, actor, outcome, detail } of all) {
    if (outcome === 'refused') continue;
    expect([act, Object.keys(detail)]).toEqual([act, expect.arrayContaining(['before', 'after'])]);
    if (actor === 'system')
      expect([act, canonicalJson(detail['after'])]).not.toEqual([act, canonicalJson(detail['before'])]);
  }
  expect(await verifyAudit(fixture.management.store.tables.audit)).toBe('intact');
});

test('no secret is anywhere in the audit', async () => {
  const text = JSON.stringify(await entries());
  expect(secrets.size).toBeGreaterThan(10);
  for (const secret of secrets) expect(text).not.toContain(secret);
});

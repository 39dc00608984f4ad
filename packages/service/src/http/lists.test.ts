// Generated from the route table: every list, a page at a time, is the whole list; and the cursor of one is of no use for another list, nor for
// another organization.
import { ROUTES, type Route } from '@windlass/management';
import { digestOf, parseOrganizationId, parseSerial, unixSeconds } from '@windlass/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertAbout } from '../alerts.ts';
import { requestApproval } from '../approvals.ts';
import { fingerprintOf } from '../certificates.ts';
import { addClaim } from '../claims.ts';
import { addEndpoint } from '../endpoints.ts';
import { addInspectionCa } from '../inspection-cas.ts';
import { addManufacturer } from '../manufacturers.ts';
import { addNetwork } from '../networks.ts';
import { addOrganization } from '../organizations.ts';
import { addPerson, grantRole } from '../people.ts';
import { publishProfile } from '../profiles.ts';
import { addPublisher } from '../publishers.ts';
import { addSession } from '../sessions.ts';
import {
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  upload,
} from '../testing/management-fixture.ts';
import { importRows, newPublicKey } from '../testing/manifest-fixture.ts';
import { type RouteInput, requestFor } from '../testing/route-inputs.ts';
import { addToken } from '../tokens.ts';
import { offerTransfer } from '../transfers.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';

const ORGANIZATIONS = ['acme', 'rival'] as const;
const NAMES = ['a', 'b', 'c'];
/** Lists of what is nowhere in this world. */
const EMPTY = ['listEndings', 'listUnprovedClaims'];
/** Those whose cursor is not of one organization. */
const OF_SERVICE = ['listManufacturers', 'listOrganizations', 'listManifest'];
const lists = Object.entries<Route>(ROUTES).filter(
  ([, { answer }]) => 'items' in ((answer as { properties?: object }).properties ?? {}),
);
let fixture: Fixture;
let listener: ManagementListener;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  const { store, now, randomBytes } = management;
  tokens['admin'] = await addToken(store.tables, { role: 'admin' }, now(), randomBytes);
  for (const name of ORGANIZATIONS) await addOrganization(management, admin, { name });
  for (const name of ['maker', 'other']) {
    await addManufacturer(management, admin, { name, certificate: opensslCertificate({ commonName: name }).pem });
  }
  await importRows(
    fixture,
    NAMES.map((name) => ({ serial: `M-${name}`, publicKey: newPublicKey() })),
  );
  for (const name of ORGANIZATIONS) await fill(name);
  listener = await startManagementListener({ management, address: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await listener.close();
  await fixture.close();
});

/** The organization has several of everything that is listed. */
async function fill(organization: (typeof ORGANIZATIONS)[number]): Promise<void> {
  const { management } = fixture;
  const { store, now, randomBytes } = management;
  const approver = approverOf(organization);
  const inPlant = { organization, network: 'a' };
  const scope = { role: 'approver', organization: parseOrganizationId(organization) } as const;
  tokens[organization] = await addToken(store.tables, scope, now(), randomBytes);
  for (const name of NAMES) {
    await addNetwork(management, approver, { organization, name });
    const endpoint = { name, host: 'app.example', port: 443, protocol: 'https', required: true } as const;
    await addEndpoint(management, approver, { ...inPlant, ...endpoint });
    const certificate = upload(opensslCertificate({ commonName: `${organization} ${name}` }).pem);
    await addInspectionCa(management, approver, { ...inPlant, certificate, permittedNames: ['*'] });
    await publishProfile(management, approver, { ...inPlant, force: true });
    const person = `${organization}-${name}`;
    await addPerson(management, approver, { person, roles: ['operator'] });
    await addToken(store.tables, { ...scope, person }, now(), randomBytes);
    await addSession(store.tables, { ...scope, person }, now(), randomBytes);
    const serial = `S-${organization}-${name}`;
    await addClaim(management, admin, { serial, organization, network: 'a', manufacturer: 'maker' });
    const alert = { kind: 'claim-attempts', organization, object: `device ${serial}`, detail: {} } as const;
    await alertAbout(management, approver, alert);
    const seen = {
      firstSeen: unixSeconds(10),
      lastSeen: unixSeconds(20),
      topIsCa: true,
      issuer: name,
      issuerKeyId: null,
    };
    const { der } = opensslCertificate({ commonName: `Rogue ${name}` });
    const device = { manufacturer: digestOf('maker'), serial: parseSerial(serial) };
    fixture.observations.push({ ...device, ...seen, ...scope, certificate: der, fingerprint: fingerprintOf(der) });
    await offerTransfer(management, approver, { serial, to: 'third' });
    const grant = { person, role: 'auditor' } as const;
    await requestApproval(management, approver, {
      route: 'grantRole',
      input: grant,
      run: (inside, actor) => grantRole(inside, actor, grant),
    });
    if (name !== 'c') await addPublisher(management, approver, { organization });
  }
}

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly items: readonly unknown[];
  readonly next: string | null;
}

async function ask(route: Route, as: string, input: RouteInput): Promise<Answer> {
  const { path, init } = requestFor(route, input, { authorization: `Bearer ${tokens[as]}` });
  const response = await fetch(listener.url + path, init);
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

/** Who may look at the list, and where. */
function askerOf(route: Route, organization: string): readonly [as: string, input: RouteInput] {
  const isOfService = !route.roles.some((role) => role !== 'admin');
  const inOrganization = route.organization === 'path' ? { organization, network: 'a' } : {};
  return [isOfService ? 'admin' : organization, inOrganization];
}

describe.each(lists)('%s', (name, route) => {
  const [as, input] = askerOf(route, 'acme');

  test('page by page it is the whole list, each item once', async () => {
    const whole = await ask(route, as, { ...input, limit: 1000 });
    expect(whole).toMatchObject({ status: 200, next: null });
    if (!EMPTY.includes(name)) expect(whole.items.length).toBeGreaterThan(1);
    for (const limit of [1, 2]) {
      const items: unknown[] = [];
      let page = await ask(route, as, { ...input, limit });
      while (page.next !== null) {
        expect(page.items).toHaveLength(limit);
        items.push(...page.items);
        page = await ask(route, as, { ...input, limit, after: page.next });
      }
      expect([...items, ...page.items]).toEqual(whole.items);
    }
  });

  test('its cursor is of no use for another list', async () => {
    const { next } = await ask(route, as, { ...input, limit: 1 });
    if (next === null) return;
    for (const [other, otherRoute] of lists) {
      if (other === name) continue;
      const [asker, where] = askerOf(otherRoute, 'acme');
      const answer = await ask(otherRoute, asker, { ...where, after: next });
      expect([other, answer.status, answer.code]).toEqual([other, 400, 'invalid-request']);
    }
    expect((await ask(route, as, { ...input, after: next })).status).toBe(200);
  });

  test('its cursor is of no use in another organization, also where the operator looks at that', async () => {
    if (OF_SERVICE.includes(name)) return;
    const { next } = await ask(route, as, { ...input, limit: 1 });
    if (next === null) return;
    const [rival, there] = askerOf(route, 'rival');
    const answer = await ask(route, rival, { ...there, after: next });
    expect([answer.status, answer.code]).toEqual([400, 'invalid-request']);
    expect(JSON.stringify(answer)).not.toMatch(/acme/);
    if (!route.roles.includes('admin')) return;
    const asAdmin = route.organization === 'path' ? there : { organization: 'rival' };
    expect((await ask(route, 'admin', { ...asAdmin, after: next })).status).toBe(400);
  });

  test('what is no cursor, and no number of items, is refused', async () => {
    for (const broken of [
      { after: 'x' },
      { after: '' },
      { after: 'a b' },
      { limit: 0 },
      { limit: 1001 },
      { limit: 'many' },
    ]) {
      const answer = await ask(route, as, { ...input, ...broken });
      expect([broken, answer.status, answer.code]).toEqual([broken, 400, 'invalid-request']);
    }
  });
});

test('there are filters, and each leaves out what it says', async () => {
  const count = async (name: keyof typeof ROUTES, query: RouteInput, as = 'acme') =>
    (await ask(ROUTES[name], as, { organization: 'acme', network: 'a', ...query })).items.length;
  const acme = ROUTES.listDevices;
  expect((await ask(acme, 'acme', { network: 'a', serialPrefix: 'S-acme-b' })).items).toHaveLength(1);
  expect((await ask(acme, 'acme', { network: 'b' })).items).toEqual([]);
  expect((await ask(acme, 'acme', { unplaced: true })).items).toEqual([]);
  expect((await ask(acme, 'acme', { unplaced: false, lastOutcome: 'never' })).items).toHaveLength(3);
  expect((await ask(ROUTES.listManifest, 'admin', { claimed: false })).items).toHaveLength(3);
  expect((await ask(ROUTES.listManifest, 'admin', { claimed: true })).items).toEqual([]);
  expect(await count('listTransfers', { open: true })).toBe(3);
  expect(await count('listTransfers', { open: false })).toBe(0);
  expect([await count('listPeople', { role: 'approver' }), await count('listPeople', { role: 'auditor' })]).toEqual([
    4, 0,
  ]);
  expect(await count('listPeople', { role: 'operator' })).toBe(3);
  expect(await count('listInspectionCas', { state: 'draft' })).toBe(3);
  expect(await count('listInspectionCas', { state: 'active' })).toBe(0);
  expect(await count('listAlerts', { since: '2100-01-01' })).toBe(0);
  expect(await count('listAlerts', { since: '2020-01-01' })).toBe(3);
  expect([await count('listJobs', { state: 'running' }), await count('listJobs', { state: 'done' })]).toEqual([2, 0]);
  const [active, ended] = [{ active: true }, { active: false }];
  expect([await count('listSessions', active), await count('listSessions', ended)]).toEqual([3, 0]);
  expect(await count('listTokens', ended)).toBe(0);
  // A session that nobody uses ends after an hour, a token does not.
  const tokensNow = await count('listTokens', active);
  fixture.advance(3_600);
  expect([await count('listSessions', active), await count('listSessions', ended)]).toEqual([0, 3]);
  expect(await count('listTokens', active)).toBe(tokensNow);
});

import { createHash } from 'node:crypto';
import { ROUTES, type Role, type Route } from '@windlass/management';
import { parseOrganizationId, type UnixSeconds } from '@windlass/protocol';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestApproval } from '../approvals.ts';
import { listAudit } from '../audit.ts';
import { addClaim } from '../claims.ts';
import { addEndpoint } from '../endpoints.ts';
import { addManufacturer } from '../manufacturers.ts';
import { addNetwork } from '../networks.ts';
import { addOrganization } from '../organizations.ts';
import { addPerson, disablePerson } from '../people.ts';
import { publishProfile } from '../profiles.ts';
import { addSession } from '../sessions.ts';
import {
  addApprovedCa,
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  upload,
} from '../testing/management-fixture.ts';
import { inputFor, type RouteInput, requestFor } from '../testing/route-inputs.ts';
import { addToken, digestOfSecret, idOfDigest } from '../tokens.ts';
import { offerTransfer } from '../transfers.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';

const ROLES = ['approver', 'network-admin', 'operator', 'installer', 'auditor'] as const;
const acme = parseOrganizationId('acme');
const guarded = Object.entries<Route>(ROUTES).filter(([, { roles }]) => roles.length > 0);
const ca = opensslCertificate();
const maker = opensslCertificate({ commonName: 'Maker' });

interface World {
  readonly fixture: Fixture;
  readonly listener: ManagementListener;
  /** By role, of `acme` and of `other`. */
  readonly tokens: Readonly<Record<'acme' | 'other', Readonly<Record<string, string>>>>;
  readonly admin: string;
  readonly strangers: Readonly<Record<'nobody' | 'expired' | 'revoked' | 'disabled', string | null>>;
  /** What exists in acme, as inputs name it. */
  readonly things: RouteInput;
}

/** acme has one of everything; both organizations have a person of each role. */
async function openWorld(): Promise<World> {
  const fixture = await openFixture();
  const { management } = fixture;
  const { store, now, randomBytes } = management;
  const tokens: Record<'acme' | 'other', Record<string, string>> = { acme: {}, other: {} };
  for (const name of ['acme', 'other'] as const) {
    await addOrganization(management, admin, { name });
    for (const role of ROLES) {
      const scope = { role, organization: parseOrganizationId(name) };
      tokens[name][role] = await addToken(store.tables, scope, now(), randomBytes);
    }
  }
  const things = await fillAcme(fixture);
  const scope = { role: 'approver', organization: acme } as const;
  const expired = await addToken(store.tables, scope, now(), randomBytes, (now() + 1) as UnixSeconds);
  const revoked = await addToken(store.tables, scope, now(), randomBytes);
  await store.tables.tokens.revoke([digestOfSecret(revoked)], now());
  const gone = { ...scope, person: 'gone' };
  const disabled = await addToken(store.tables, gone, now(), randomBytes);
  await disablePerson(management, approverOf('acme'), { person: 'gone' });
  fixture.advance(2);
  const listener = await startManagementListener({ management, address: '127.0.0.1', port: 0 });
  return {
    fixture,
    listener,
    tokens,
    admin: await addToken(store.tables, { role: 'admin' }, now(), randomBytes),
    strangers: { nobody: null, expired, revoked, disabled },
    things,
  };
}

async function fillAcme({ management }: Fixture): Promise<RouteInput> {
  const approver = approverOf('acme');
  const inPlant = { organization: 'acme', network: 'plant' };
  const { store, now, randomBytes } = management;
  await addNetwork(management, approver, { organization: 'acme', name: 'plant' });
  const endpoint = { name: 'cloud', host: 'app.example', port: 443, protocol: 'https', required: true } as const;
  await addEndpoint(management, approver, { ...inPlant, ...endpoint });
  const upper = { certificate: upload(ca.pem), permittedNames: ['*'] };
  const { fingerprint } = await addApprovedCa(management, approver, { ...inPlant, ...upper });
  await publishProfile(management, approver, inPlant);
  await addManufacturer(management, admin, { name: 'maker', certificate: maker.pem });
  await addClaim(management, admin, { serial: 'S-1', organization: 'acme', network: 'plant' });
  await addPerson(management, approver, { person: 'victim', roles: ['auditor', 'operator'] });
  const victim = { person: 'victim', role: 'auditor', organization: acme } as const;
  const token = await addToken(store.tables, victim, now(), randomBytes);
  const session = await addSession(store.tables, victim, now(), randomBytes);
  await addOrganization(management, admin, { name: 'third' });
  const transfer = await offerTransfer(management, approver, { serial: 'S-1', to: 'third' });
  const thing = { ...inPlant, serial: 'S-1', person: 'victim', role: 'auditor', endpoint: 'cloud', fingerprint };
  const inList = { tokens: idOfDigest(digestOfSecret(token)), sessions: session.stored.id, transfers: transfer.id };
  const approval = await requestApproval(
    management,
    { ...approver, person: 'victim' },
    {
      route: 'publishProfile',
      input: { ...inPlant, force: true },
      run: (inside, actor) => publishProfile(inside, actor, { ...inPlant, force: true }),
    },
  );
  const ids = { ...inList, approvals: approval.id };
  return { ...thing, ids, ...upper };
}

async function closeWorld({ listener, fixture }: World): Promise<void> {
  await listener.close();
  await fixture.close();
}

/** Of every table but the audit and the count of wrong tokens, without when tokens were last used. */
function dumpOf({ fixture }: World): string {
  const file = new Sqlite(fixture.databaseFile, { readonly: true });
  const names = file.prepare(
    "select name from sqlite_master where type = 'table' and name not in ('audit', 'failed_attempts') order by name",
  );
  const tables = names.all() as { name: string }[];
  expect(tables.length).toBeGreaterThan(12);
  const rows = tables.map(({ name }) => file.prepare(`select * from "${name}" order by 1, 2`).all());
  file.close();
  const text = JSON.stringify(rows, (key, value) => (key === 'last_used' ? undefined : value));
  return createHash('sha256').update(text).digest('hex');
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: string;
}

async function send(world: World, route: Route, token: string | null, input: RouteInput): Promise<Answer> {
  const { path, init } = requestFor(route, input, token === null ? {} : { authorization: `Bearer ${token}` });
  const response = await fetch(world.listener.url + path, init);
  const headers = [...response.headers].filter(([name]) => name !== 'date');
  return { status: response.status, text: await response.text(), headers: JSON.stringify(headers) };
}

const codeOf = ({ text }: Answer): unknown => JSON.parse(text).code;
const namesOrganization = ({ organization }: Route) => ['path', 'body', 'query'].includes(organization);

/** `id` is that of a token, a session, a transfer or an approval, as the path says. */
function thingsFor(route: Route, { ids, ...things }: RouteInput): RouteInput {
  const kind = /^\/v1\/(tokens|sessions|transfers|approvals)\/:id/.exec(route.path)?.[1];
  return kind === undefined ? things : { ...things, id: (ids as Readonly<Record<string, string>>)[kind] };
}

/** The same request about what exists in acme, and about what exists nowhere; names of equal length. */
function pairOf(route: Route, things: RouteInput): readonly (readonly [RouteInput, RouteInput, readonly string[][]])[] {
  const full = inputFor(route, thingsFor(route, things));
  const swapped = (names: readonly string[]) => {
    const absent: Record<string, string> = { organization: 'zzzz', serial: 'S-9', person: 'nobody' };
    const zeros = '0'.repeat(String(full['id']).length);
    const changes = names.filter((name) => name in full).map((name) => [name, absent[name] ?? zeros] as const);
    const replacements = changes.map(([name, value]) => [String(full[name]), value]);
    return [full, { ...full, ...Object.fromEntries(changes) }, replacements] as const;
  };
  const pairs: (readonly [RouteInput, RouteInput, string[][]])[] = [];
  if (namesOrganization(route)) pairs.push(swapped(['organization']));
  else pairs.push(swapped(['serial', 'id']));
  // Without a name of the organization it is the asker's own: things of acme are then as unknown as what is nowhere.
  const isOptional = (route.query.properties['organization'] ?? route.body?.properties['organization']) !== undefined;
  const named = Object.keys(route.params.properties).filter((name) => ['person', 'id', 'serial'].includes(name));
  if (isOptional && named.length > 0) {
    const [whole, absent, replacements] = swapped(named);
    const { organization: _, ...present } = whole;
    const { organization: __, ...missing } = absent;
    pairs.push([present, missing, replacements]);
  }
  return pairs;
}

const replaced = (text: string, replacements: readonly (readonly string[])[]) =>
  replacements.reduce((sofar, [from = '', to = '']) => sofar.replaceAll(from, to), text);

describe('nobody of another organization', () => {
  let world: World;
  const counted = { routes: 0, refusals: 0, pairs: 0 };
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(async () => {
    await closeWorld(world);
    expect(counted.routes).toBe(guarded.length);
    // biome-ignore lint/suspicious/noConsole: the figures are part of what this test shows
    console.log(`isolation: ${counted.routes} routes, ${counted.refusals} refusals in ${counted.pairs} pairs`);
  });

  const lastEntry = async () =>
    (await listAudit(world.fixture.management, { organization: null, limit: 1 })).entries[0];

  async function expectRefused(route: Route, asker: { readonly token: string | null; readonly code: string }) {
    for (const [present, absent, replacements] of pairOf(route, world.things)) {
      const answers: Answer[] = [];
      for (const input of [present, absent]) {
        const before = (await lastEntry())?.id ?? 0;
        const answer = await send(world, route, asker.token, input);
        expect([route.path, answer.text, codeOf(answer)]).toEqual([route.path, answer.text, asker.code]);
        expect(await lastEntry()).toMatchObject({ id: before + 1, act: route.act, outcome: 'refused' });
        answers.push(answer);
        counted.refusals += 1;
      }
      const [first, second] = answers;
      expect(second?.text).toBe(replaced(first?.text ?? '', replacements));
      expect([second?.status, second?.headers]).toEqual([first?.status, first?.headers]);
      counted.pairs += 1;
    }
  }

  test.each(guarded)('%s: refused, audited, nothing told, nothing changed', async (_, route) => {
    const before = dumpOf(world);
    for (const role of ROLES) {
      const isAllowed = route.roles.includes(role);
      // A route of the service for members says nothing of an organization.
      if (isAllowed && route.organization === 'service') continue;
      const token = world.tokens.other[role] ?? null;
      await expectRefused(route, { token, code: isAllowed ? 'not-found' : 'forbidden' });
    }
    for (const token of Object.values(world.strangers)) {
      // After ten wrong tokens in a minute an address is not listened to.
      world.fixture.advance(61);
      await expectRefused(route, { token, code: 'unauthenticated' });
    }
    expect(dumpOf(world)).toBe(before);
    counted.routes += 1;
  });
});

describe('the right role of the own organization', () => {
  const rightful = guarded.flatMap(([name, route]) =>
    route.roles.map((role): [string, Role, Route] => [name, role, route]),
  );
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => closeWorld(world));

  test.each(rightful)('%s: passes as %s', async (_, role, route) => {
    const { organization, ...full } = inputFor(route, thingsFor(route, world.things));
    const isOwn = role === 'admin' && route.act.match(/^(person|token|session)\./) !== null;
    // People of the service are in no organization.
    const input = isOwn || organization === undefined ? full : { ...full, organization };
    const token = role === 'admin' ? world.admin : (world.tokens.acme[role] ?? null);
    const answer = await send(world, route, token, input);
    expect([route.path, answer.status, answer.text]).not.toEqual([route.path, 401, answer.text]);
    expect([route.path, answer.status, answer.text]).not.toEqual([route.path, 403, answer.text]);
    expect(answer.text).not.toMatch(/There is no organization/);
    expect(answer.status).toBeLessThan(500);
  });
});

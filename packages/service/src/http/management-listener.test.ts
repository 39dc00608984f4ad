import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  createClient,
  MAX_UPLOAD_BYTES,
  type ManagementClient,
  ManagementError,
  ROUTES,
  type Route,
  type RouteName,
} from '@windlass/management';
import { Compile } from 'typebox/compile';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listAudit } from '../audit.ts';
import { MAX_FAILED_ATTEMPTS } from '../failed-attempts.ts';
import { type Fixture, openFixture, opensslCertificate, upload } from '../testing/management-fixture.ts';
import { inputFor } from '../testing/route-inputs.ts';
import { addToken } from '../tokens.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';

let fixture: Fixture;
let listener: ManagementListener;
let tokens: { readonly admin: string; readonly acme: string; readonly other: string };
const ca = opensslCertificate();
const maker = opensslCertificate({ commonName: 'Maker' });
const selfSigned = opensslCertificate({
  commonName: 'Pump/serialNumber=S-2',
  extensions: ['keyUsage=digitalSignature'],
});

beforeEach(async () => {
  fixture = await openFixture();
  const { store, now, randomBytes } = fixture.management;
  const admin = await addToken(store.tables, { role: 'admin' }, now(), randomBytes);
  listener = await startManagementListener({ management: fixture.management, address: '127.0.0.1', port: 0 });
  const client = as(admin);
  const acme = (await client.addOrganization({ name: 'acme' })).approverToken;
  const other = (await client.addOrganization({ name: 'other' })).approverToken;
  tokens = { admin, acme, other };
});

afterEach(async () => {
  await listener.close();
  await fixture.close();
});

const as = (token: string): ManagementClient => createClient({ url: listener.url, token });
const lastAudit = async () => (await listAudit(fixture.management, { organization: null, limit: 1 })).entries[0];

async function problem(promise: Promise<unknown>): Promise<ManagementError> {
  const error = await promise.then(() => null).catch((reason: unknown) => reason);
  if (!(error instanceof ManagementError)) throw new Error(`no problem came, but ${JSON.stringify(error)}`);
  return error;
}

/** A network with one of everything, by the commands' own way. */
async function fill(): Promise<{ fingerprint: string }> {
  const approver = as(tokens.acme);
  const inPlant = { organization: 'acme', network: 'plant' };
  await approver.addNetwork({ organization: 'acme', name: 'plant' });
  await approver.addEndpoint({
    ...inPlant,
    name: 'cloud',
    host: 'app.example',
    port: 443,
    protocol: 'https',
    required: true,
  });
  const { fingerprint } = await approver.addInspectionCa({
    ...inPlant,
    certificate: upload(ca.pem),
    permittedNames: ['*'],
  });
  await approver.approveInspectionCa({ ...inPlant, fingerprint, sha256: fingerprint });
  await approver.publishProfile(inPlant);
  await as(tokens.admin).addManufacturer({ name: 'maker', certificate: maker.pem });
  await as(tokens.admin).addClaim({ serial: 'S-1', organization: 'acme', network: 'plant' });
  return { fingerprint };
}

test('who loses the token while the body is still coming does nothing with it', async () => {
  const { hostname, port } = new URL(listener.url);
  const own = await as(tokens.acme).addToken({ name: 'stolen' });
  const body = JSON.stringify({ name: 'another' });
  const socket = connect(Number(port), hostname);
  const answer = text(socket);
  socket.write(
    `POST /v1/tokens HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${own.token}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  const { store } = fixture.management;
  await vi.waitFor(async () => expect((await store.tables.tokens.find(own.id))[0]?.lastUsed).not.toBeNull());
  await as(tokens.acme).revokeToken({ id: own.id });
  socket.write(body.slice(5));
  expect(await answer).toMatch(/^HTTP\/1\.1 401 /);
  const { items } = await as(tokens.acme).listTokens({});
  expect(items.map(({ name }) => name)).not.toContain('another');
});

test('the whole story over HTTP: each answer is what its schema says', async () => {
  const answers: [RouteName, unknown][] = [];
  const client = as(tokens.acme);
  const admin = as(tokens.admin);
  const { fingerprint } = await fill();
  const inPlant = { organization: 'acme', network: 'plant' };
  answers.push(['health', await admin.health()]);
  answers.push(['listManufacturers', await admin.listManufacturers()]);
  answers.push(['listOrganizations', await admin.listOrganizations()]);
  answers.push(['listNetworks', await client.listNetworks({ organization: 'acme' })]);
  answers.push(['listEndpoints', await client.listEndpoints(inPlant)]);
  answers.push(['listInspectionCas', await client.listInspectionCas(inPlant)]);
  answers.push(['retireInspectionCa', await client.retireInspectionCa({ ...inPlant, fingerprint })]);
  answers.push(['publishProfile', await client.publishProfile({ ...inPlant, reason: 'rollover' })]);
  answers.push(['listProfiles', await admin.listProfiles(inPlant)]);
  answers.push(['registerDevice', await admin.registerDevice({ certificate: selfSigned.pem, serial: 'S-2' })]);
  answers.push(['listDevices', await admin.listDevices()]);
  answers.push(['showDevice', await client.showDevice({ serial: 'S-1' })]);
  answers.push(['releaseClaim', await client.releaseClaim({ serial: 'S-1' })]);
  answers.push(['removeEndpoint', await client.removeEndpoint({ ...inPlant, endpoint: 'cloud' })]);
  answers.push(['listObservations', await client.listObservations()]);
  answers.push(['listAudit', await client.listAudit({ limit: 10 })]);
  for (const [name, answer] of answers) {
    const route: Route = ROUTES[name];
    expect([name, [...Compile(route.answer).Errors(answer)]]).toEqual([name, []]);
  }
  expect(await client.listAudit()).toMatchObject({ chain: 'intact' });
});

describe('every route, for everybody who may not', () => {
  const names = Object.keys(ROUTES) as RouteName[];
  const guarded = names.filter((name) => ROUTES[name].roles.length > 0);
  const value: Readonly<Record<string, unknown>> = {
    organization: 'acme',
    network: 'plant',
    endpoint: 'cloud',
    fingerprint: 'AB'.repeat(32),
    serial: 'S-1',
    name: 'new',
    certificate: upload(ca.pem),
    permittedNames: ['example.com'],
    host: 'app.example',
    port: 443,
    protocol: 'https',
    required: true,
    claimToken: Buffer.alloc(32).toString('base64'),
    payload: '{}',
    signature: 'MAA=',
    reason: 'a test',
  };

  function call(token: string, name: RouteName, organization = 'acme'): Promise<unknown> {
    const client = as(token) as unknown as Record<string, (input: unknown) => Promise<unknown>>;
    const input = { ...inputFor(ROUTES[name], value), organization };
    return client[name]?.(input) ?? Promise.resolve();
  }

  const auditOf = async (name: RouteName) => {
    const entry = await lastAudit();
    expect(entry).toMatchObject({ act: ROUTES[name].act, outcome: 'refused' });
    return entry;
  };

  test.each(guarded)('%s: without a token, and with one that is none', async (name) => {
    for (const token of ['', `wl_${'A'.repeat(43)}`]) {
      const refused = await problem(call(token, name));
      expect([refused.status, refused.code]).toEqual([401, 'unauthenticated']);
      expect(await auditOf(name)).toMatchObject({
        actor: 'anonymous',
        role: 'none',
        detail: { code: 'unauthenticated' },
      });
    }
  });

  test.each(guarded.filter((name) => !ROUTES[name].roles.some((role) => role === 'admin')))(
    '%s: the admin, even for an organization that does not exist',
    async (name) => {
      await fill();
      for (const organization of ['acme', 'nobody']) {
        const refused = await problem(call(tokens.admin, name, organization));
        expect([refused.status, refused.code]).toEqual([403, 'forbidden']);
        expect(await auditOf(name)).toMatchObject({ role: 'admin', organization: null });
      }
    },
  );

  test.each(guarded.filter((name) => !ROUTES[name].roles.some((role) => role === 'approver')))(
    '%s: an approver',
    async (name) => {
      const refused = await problem(call(tokens.acme, name));
      expect([refused.status, refused.code]).toEqual([403, 'forbidden']);
      expect(await auditOf(name)).toMatchObject({ role: 'approver', organization: 'acme' });
    },
  );

  const scoped = guarded.filter((name) => ['path', 'body', 'query'].includes(ROUTES[name].organization));
  test.each(scoped.filter((name) => ROUTES[name].roles.some((role) => role === 'approver')))(
    "%s: another organization's approver learns what they would of one that does not exist",
    async (name) => {
      await fill();
      const foreign = await problem(call(tokens.other, name, 'acme'));
      const entry = await auditOf(name);
      expect(entry).toMatchObject({ role: 'approver', organization: 'other', detail: { code: 'not-found' } });
      const unknown = await problem(call(tokens.other, name, 'zzzz'));
      expect([foreign.status, foreign.code]).toEqual([404, 'not-found']);
      expect(foreign.message.replace('acme', 'zzzz')).toBe(unknown.message);
      expect([unknown.status, unknown.code]).toEqual([404, 'not-found']);
    },
  );

  test.each(['releaseClaim', 'showDevice'] as const)(
    "%s: another organization's device is as one that does not exist",
    async (name) => {
      await fill();
      const client = as(tokens.other) as unknown as Record<string, (input: unknown) => Promise<unknown>>;
      const foreign = await problem(client[name]?.({ serial: 'S-1' }) ?? Promise.resolve());
      expect(await auditOf(name)).toMatchObject({ organization: 'other', object: 'S-1' });
      const unknown = await problem(client[name]?.({ serial: 'S-9' }) ?? Promise.resolve());
      expect(foreign.status).toBe(404);
      expect(foreign.message.replace('S-1', 'S-9')).toBe(unknown.message);
    },
  );

  test('nothing of all that changed anything', async () => {
    await fill();
    const before = JSON.stringify(await as(tokens.admin).listProfiles({ organization: 'acme', network: 'plant' }));
    for (const name of guarded) await call(tokens.other, name, 'acme').catch(() => null);
    for (const name of guarded.filter((one) => ROUTES[one].organization === 'path')) {
      if (ROUTES[name].method !== 'GET') await problem(call(tokens.admin, name, 'acme'));
    }
    const after = JSON.stringify(await as(tokens.admin).listProfiles({ organization: 'acme', network: 'plant' }));
    expect(after).toBe(before);
    expect(await as(tokens.acme).listDevices()).toMatchObject({ items: [{ serial: 'S-1', organization: 'acme' }] });
  });
});

test('lists without an organization are the own one for an approver, all for the admin', async () => {
  await fill();
  expect((await as(tokens.other).listDevices()).items).toEqual([]);
  expect((await as(tokens.admin).listDevices()).items).toHaveLength(1);
  const organizations = (await as(tokens.other).listAudit()).entries.map(({ organization }) => organization);
  expect(new Set(organizations)).toEqual(new Set(['other']));
});

test('after ten wrong tokens an address has to wait, unless it has a right one; the flood leaves ten entries', async () => {
  const before = (await lastAudit())?.id ?? 0;
  for (let index = 0; index < MAX_FAILED_ATTEMPTS; index++) {
    expect((await problem(as('wrong').listDevices())).status).toBe(401);
  }
  for (let index = 0; index < 5; index++) {
    expect((await problem(as('wrong').listDevices())).code).toBe('rate-limited');
  }
  expect((await as(tokens.admin).listDevices()).items).toEqual([]);
  expect((await lastAudit())?.id).toBe(before + MAX_FAILED_ATTEMPTS);
  fixture.advance(61);
  expect((await problem(as('wrong').listDevices())).status).toBe(401);
});

test('without a token the audit cannot be made to grow', async () => {
  const before = (await lastAudit())?.id;
  for (let index = 0; index < 30; index++) {
    expect((await fetch(`${listener.url}/healthz?x=${index}`)).status).toBe(400);
  }
  expect((await lastAudit())?.id).toBe(before);
});

test('what is not a request of the API is a problem with a sentence', async () => {
  const send = async (path: string, init: RequestInit) => {
    const response = await fetch(listener.url + path, {
      ...init,
      headers: { authorization: `Bearer ${tokens.acme}`, 'content-type': 'application/json', ...init.headers },
    });
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    return (await response.json()) as { status: number; code: string; detail: string };
  };
  const networks = '/v1/organizations/acme/networks';
  const post = (body: string, headers: Record<string, string> = {}) =>
    send(networks, { method: 'POST', body, headers });
  expect(await post('{')).toMatchObject({ status: 400, code: 'invalid-request' });
  expect(await post('')).toMatchObject({ status: 400, code: 'invalid-request' });
  expect(await post('[]')).toMatchObject({ status: 400, detail: 'The body must be one JSON object.' });
  expect(await post('{"name":"a","b":1}')).toMatchObject({ detail: 'b is not known to this route: leave it out.' });
  expect(await post('{"name":"../etc"}')).toMatchObject({ status: 400, code: 'invalid-request' });
  expect(await post('name=a', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  expect(await post(`"${'a'.repeat(4_000_000)}"`)).toMatchObject({ status: 413, code: 'too-large' });
  expect(await send('/v1/audit?limit=0', {})).toMatchObject({ detail: 'limit must be a number from 1 to 1000.' });
  expect(await send('/v2/things', {})).toMatchObject({ status: 404, code: 'not-found' });
  expect(await send('/%zz', {})).toMatchObject({ status: 400, detail: 'The path is not a valid URL path.' });
  expect(await send(networks, { method: 'PUT', body: '{}' })).toMatchObject({ status: 404 });
  expect(await send('/v1/organizations/..%2f..%2fetc/networks', {})).toMatchObject({ status: 400 });
});

test('a private key in an upload is refused and audited without a trace of it', async () => {
  const approver = as(tokens.acme);
  await approver.addNetwork({ organization: 'acme', name: 'plant' });
  const body = {
    organization: 'acme',
    network: 'plant',
    permittedNames: ['*'],
    certificate: upload(ca.pem + ca.keyPem),
  };
  expect((await problem(approver.addInspectionCa(body))).code).toBe('private-key-in-upload');
  expect(await lastAudit()).toMatchObject({ act: 'inspection-ca.add', detail: { code: 'private-key-in-upload' } });
  const body64 = ca.keyPem.split('\n')[1] ?? '';
  expect(JSON.stringify(await listAudit(fixture.management, { organization: null }))).not.toContain(body64);
});

test('a file of 1 MiB gets through and is judged; one byte more is too large', async () => {
  const approver = as(tokens.acme);
  await approver.addNetwork({ organization: 'acme', name: 'plant' });
  const send = (bytes: number) =>
    problem(
      approver.addInspectionCa({
        organization: 'acme',
        network: 'plant',
        permittedNames: ['*'],
        certificate: upload(Buffer.alloc(bytes)),
      }),
    );
  expect((await send(MAX_UPLOAD_BYTES)).code).toBe('certificate-refused');
  expect((await send(MAX_UPLOAD_BYTES + 1)).code).toBe('too-large');
});

test('the health route tells of signers that end soon, to everybody', async () => {
  expect(await as('').health()).toMatchObject({
    status: 'ok',
    service: 'bootstrap.example',
    responder: { warnings: [] },
  });
  fixture.advance(50 * 86_400);
  const { status, responder } = await as('').health();
  expect(status).toBe('warning');
  expect(responder.warnings).toEqual([
    expect.stringMatching(/^The last responder certificate ends .*: make more with/),
  ]);
});

test('an address that is not loopback needs TLS', async () => {
  const open = startManagementListener({ management: fixture.management, address: '0.0.0.0', port: 0 });
  await expect(open).rejects.toThrow(/is not a loopback address: give it a TLS certificate and key/);
});

test('over TLS the client reaches it with the CA that it is given', async () => {
  const { pem, keyPem } = opensslCertificate({
    commonName: 'localhost',
    extensions: ['subjectAltName=IP:127.0.0.1', 'basicConstraints=CA:TRUE'],
  });
  const tls = { certificate: pem, key: keyPem };
  const secured = await startManagementListener({ management: fixture.management, address: '127.0.0.1', port: 0, tls });
  expect(secured.url).toMatch(/^https:/);
  const client = createClient({ url: secured.url, token: tokens.admin, certificateAuthority: pem });
  expect((await client.listOrganizations()).items).toHaveLength(2);
  await secured.close();
});

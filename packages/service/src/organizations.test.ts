import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PURPOSE } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseChainPem } from './certificates.ts';
import { addEndpoint, listEndpoints, removeEndpoint } from './endpoints.ts';
import { addNetwork, listNetworks } from './networks.ts';
import { addOrganization, listOrganizations } from './organizations.ts';
import { admin, approverOf, type Fixture, openFixture } from './testing/management-fixture.ts';
import { actorOf } from './tokens.ts';

let fixture: Fixture;
const approver = approverOf('acme');

beforeEach(async () => {
  fixture = await openFixture();
});

afterEach(async () => {
  await fixture.close();
});

const publisherFiles = (name: string) => join(fixture.directory, 'keys', 'publishers', name);

test('a new organization has a publisher of its own, whose keys only the owner can read', async () => {
  const { publisherAnchor } = await addOrganization(fixture.management, admin, { name: 'acme' });
  const directory = publisherFiles('acme');
  expect(readdirSync(directory).sort()).toEqual(['anchor.key', 'anchor.pem', 'publisher.key', 'publisher.pem']);
  expect(readFileSync(join(directory, 'anchor.pem'), 'utf8')).toBe(publisherAnchor);
  for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test('the publisher is issued directly by its anchor, with one URI and one purpose [K3] [K4] [K6], as openssl sees it too', async () => {
  await addOrganization(fixture.management, admin, { name: 'acme' });
  const directory = publisherFiles('acme');
  const [publisher] = parseChainPem(readFileSync(join(directory, 'publisher.pem'), 'utf8'));
  expect(publisher?.extensions.subjectAltName).toEqual([
    { kind: 'uri', value: 'windlass://bootstrap.example/organizations/acme' },
  ]);
  expect(publisher?.extensions.extendedKeyUsage).toEqual([PURPOSE.publisher]);
  const trust = [
    '-CAfile',
    join(directory, 'anchor.pem'),
    '-no-CApath',
    '-no-CAstore',
    '-purpose',
    'any',
    '-x509_strict',
  ];
  const at = ['-attime', String(fixture.management.now())];
  const verified = execFileSync('openssl', ['verify', ...trust, ...at, join(directory, 'publisher.pem')], {
    encoding: 'utf8',
  });
  expect(verified).toMatch(/: OK$/m);
});

test('two organizations share no key and no anchor', async () => {
  const first = await addOrganization(fixture.management, admin, { name: 'acme' });
  const second = await addOrganization(fixture.management, admin, { name: 'other' });
  expect(first.publisherAnchor).not.toBe(second.publisherAnchor);
  expect(first.approverToken).not.toBe(second.approverToken);
  const { items } = await listOrganizations(fixture.management);
  expect(items.map(({ name, epoch }) => [name, epoch])).toEqual([
    ['acme', 1],
    ['other', 1],
  ]);
  expect(JSON.stringify(items)).not.toContain(first.approverToken);
});

test("the approver's token is for this organization", async () => {
  const { approverToken } = await addOrganization(fixture.management, admin, { name: 'acme' });
  const actor = await actorOf(fixture.management.store.tables, approverToken, '::1', fixture.management.now());
  expect(actor).toMatchObject({ role: 'approver', organization: 'acme' });
});

test('a name that differs only in case is taken', async () => {
  await addOrganization(fixture.management, admin, { name: 'acme' });
  const again = addOrganization(fixture.management, admin, { name: 'Acme' });
  await expect(again).rejects.toMatchObject({ code: 'exists' });
});

test('keys that were left behind under the name are set aside, not used and not overwritten', async () => {
  const { keys, now } = fixture.management;
  const left = await keys.createPublisher('acme' as Parameters<typeof keys.createPublisher>[0], now());
  fixture.advance(5);
  const { publisherAnchor } = await addOrganization(fixture.management, admin, { name: 'acme' });
  const [anchor] = parseChainPem(publisherAnchor);
  expect(anchor?.der).not.toEqual(left.anchor);
  const names = readdirSync(join(fixture.directory, 'keys', 'publishers'));
  expect(names.filter((name) => name.endsWith('.set-aside'))).toHaveLength(1);
});

test('networks and endpoints are added once, listed, and endpoints removed', async () => {
  const { management } = fixture;
  await addOrganization(management, admin, { name: 'acme' });
  await addNetwork(management, approver, { organization: 'acme', name: 'plant' });
  const second = addNetwork(management, approver, { organization: 'acme', name: 'plant' });
  await expect(second).rejects.toMatchObject({ code: 'exists' });
  expect((await listNetworks(management, 'acme')).items).toMatchObject([{ name: 'plant', sequence: 0 }]);
  const inPlant = { organization: 'acme', network: 'plant' };
  const endpoint = { name: 'cloud', host: 'App.Example', port: 8883, protocol: 'mqtts', required: true } as const;
  await addEndpoint(management, approver, { ...inPlant, ...endpoint });
  await expect(addEndpoint(management, approver, { ...inPlant, ...endpoint })).rejects.toMatchObject({
    code: 'exists',
  });
  expect((await listEndpoints(management, inPlant)).items).toEqual([{ ...endpoint, host: 'app.example' }]);
  await removeEndpoint(management, approver, { ...inPlant, endpoint: 'cloud' });
  expect((await listEndpoints(management, inPlant)).items).toEqual([]);
  const gone = removeEndpoint(management, approver, { ...inPlant, endpoint: 'cloud' });
  await expect(gone).rejects.toMatchObject({ code: 'not-found' });
});

test('an unknown organization or network, and a host that is none, are each one sentence', async () => {
  const { management } = fixture;
  await addOrganization(management, admin, { name: 'acme' });
  await addNetwork(management, approver, { organization: 'acme', name: 'plant' });
  const endpoint = { name: 'cloud', host: 'app.example', port: 443, protocol: 'https', required: true } as const;
  const add = (input: { organization: string; network: string; host?: string }) =>
    addEndpoint(management, approver, { ...endpoint, ...input });
  await expect(add({ organization: 'nobody', network: 'plant' })).rejects.toThrow(/^There is no organization nobody:/);
  await expect(add({ organization: 'acme', network: 'moon' })).rejects.toThrow(/^acme has no network moon:/);
  const badHost = add({ organization: 'acme', network: 'plant', host: 'https://app.example' });
  await expect(badHost).rejects.toMatchObject({ code: 'invalid-request' });
});

test('an organization has at most 64 endpoints on a network', async () => {
  const { management } = fixture;
  await addOrganization(management, admin, { name: 'acme' });
  await addNetwork(management, approver, { organization: 'acme', name: 'plant' });
  const add = (index: number) =>
    addEndpoint(management, approver, {
      organization: 'acme',
      network: 'plant',
      name: `e${index}`,
      host: 'app.example',
      port: 443,
      protocol: 'tls',
      required: false,
    });
  for (let index = 0; index < 64; index++) await add(index);
  await expect(add(64)).rejects.toMatchObject({ code: 'limit-reached' });
});

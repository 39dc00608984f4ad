import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  openEnvelope,
  parseNetworkId,
  parseOrganizationId,
  parseSecurityProfile,
  verifySigner,
} from '@windlass/protocol';
import { trustAnchor } from '@windlass/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseChainPem } from './certificates.ts';
import { addEndpoint, removeEndpoint } from './endpoints.ts';
import { retireInspectionCa } from './inspection-ca-ending.ts';
import { listInspectionCas } from './inspection-cas.ts';
import { addNetwork, listNetworks } from './networks.ts';
import { addOrganization } from './organizations.ts';
import { MAX_PROFILES_CHARACTERS } from './profile-content.ts';
import { listProfiles, publishProfile } from './profiles.ts';
import { openManagementReader } from './store/management-reader.ts';
import {
  addApprovedCa,
  admin,
  approverOf,
  type Fixture,
  inDirectory,
  openFixture,
  openssl,
  opensslCertificate,
  SERVICE,
  upload,
} from './testing/management-fixture.ts';

let fixture: Fixture;
let publisherAnchor: string;
const approver = approverOf('acme');
const acme = parseOrganizationId('acme');
const inPlant = { organization: 'acme', network: 'plant' };
const endpoint = { name: 'cloud', host: 'app.example', port: 443, protocol: 'https', required: true } as const;
const first = opensslCertificate({ commonName: 'First' });
const second = opensslCertificate({ commonName: 'Second' });
const DAY = 86_400;

beforeEach(async () => {
  fixture = await openFixture();
  publisherAnchor = (await addOrganization(fixture.management, admin, { name: 'acme' })).publisherAnchor;
  await addNetwork(fixture.management, approver, { organization: 'acme', name: 'plant' });
});

afterEach(async () => {
  await fixture.close();
});

const add = (der: Uint8Array, permittedNames = ['example.com']) =>
  addApprovedCa(fixture.management, approver, { ...inPlant, certificate: upload(der), permittedNames });
const publish = (more: { reason?: string; force?: boolean } = {}) =>
  publishProfile(fixture.management, approver, { ...inPlant, ...more });
const retire = (fingerprint: string) => retireInspectionCa(fixture.management, approver, { ...inPlant, fingerprint });
const states = async () => (await listInspectionCas(fixture.management, inPlant)).items.map(({ state }) => state);

async function current() {
  const [row] = await fixture.management.store.tables.profiles.currentOf(acme);
  if (row === undefined) throw new Error('Nothing was published.');
  return {
    row,
    opened: openEnvelope(row.envelope, 'publisher'),
    profile: parseSecurityProfile(row.envelope.payload, SERVICE),
  };
}

test("a profile is signed by the organization's publisher and is what a device accepts", async () => {
  await add(first.der);
  await addEndpoint(fixture.management, approver, { ...inPlant, ...endpoint });
  const published = await publish({ reason: 'new proxy' });
  expect(published).toMatchObject({ epoch: 1, sequence: 1, reason: 'new proxy', retired: [] });
  const { opened, profile, row } = await current();
  const anchors = parseChainPem(publisherAnchor).map((anchor) => trustAnchor(anchor));
  const time = fixture.management.now();
  const expected = { role: 'publisher', anchors, time, service: SERVICE, organization: acme } as const;
  expect(() => verifySigner(opened, expected)).not.toThrow();
  expect(profile).toMatchObject({
    organization: 'acme',
    network: 'plant',
    sequence: 1,
    issued: time,
    endpoints: [endpoint],
  });
  expect(profile.inspectionCas).toMatchObject([{ certificate: first.der, permittedNames: ['example.com'] }]);
  expect(row.digest).toBe(opened.digest);
  expect(published.digest).toBe(opened.digest);
});

test('openssl alone verifies a published profile', async () => {
  await add(first.der);
  await publish();
  const { row } = await current();
  inDirectory((directory) => {
    const path = (name: string) => join(directory, name);
    writeFileSync(path('payload.json'), row.envelope.payload);
    writeFileSync(path('sig.der'), Buffer.from(row.envelope.signature, 'base64'));
    writeFileSync(path('anchor.pem'), publisherAnchor);
    const trust = ['-CAfile', path('anchor.pem'), '-no-CApath', '-no-CAstore', '-partial_chain', '-purpose', 'any'];
    const input = ['-in', path('sig.der'), '-content', path('payload.json'), '-signer', path('signer.pem')];
    const at = ['-attime', String(fixture.management.now()), '-out', path('out')];
    openssl(['cms', '-verify', '-binary', '-inform', 'DER', ...input, ...trust, ...at]);
    expect(readFileSync(path('out'), 'utf8')).toBe(row.envelope.payload);
    const signer = openssl(
      ['x509', '-noout', '-ext', 'subjectAltName,extendedKeyUsage'],
      readFileSync(path('signer.pem')),
    ).toString();
    expect(signer).toContain('URI:windlass://bootstrap.example/organizations/acme');
  });
});

test("it expires after a year, and never after its publisher's certificate [D17]", async () => {
  await publish();
  const { profile, opened } = await current();
  expect(profile.expires).toBe(fixture.management.now() + 365 * DAY);
  fixture.advance(19.5 * 365 * DAY);
  await publish();
  const late = await current();
  expect(late.profile.expires).toBe(late.opened.signer.notAfter);
  expect(late.profile.expires).toBeLessThan(fixture.management.now() + 365 * DAY);
  expect(late.opened.signer.publicKey.der).toEqual(opened.signer.publicKey.der);
});

test('a publisher that ends soon is renewed from its anchor; without the anchor there is no more publication', async () => {
  await publish();
  const before = (await current()).opened.signer;
  fixture.advance(3 * 365 * DAY - DAY);
  await publish();
  const { opened } = await current();
  expect(opened.signer.notAfter).toBeGreaterThan(before.notAfter);
  const organizations = await fixture.management.store.tables.organizations.all();
  expect(organizations[0]?.publishers[0]?.expires).toBe(opened.signer.notAfter);
  fixture.advance(18 * 365 * DAY);
  await expect(publish()).rejects.toMatchObject({ code: 'signer-expired' });
});

test('the sequence rises by one with each publication, and nothing changed is not published unless forced [S12]', async () => {
  await add(first.der);
  expect((await publish()).sequence).toBe(1);
  await expect(publish()).rejects.toMatchObject({ code: 'nothing-changed' });
  expect((await publish({ force: true })).sequence).toBe(2);
  await addEndpoint(fixture.management, approver, { ...inPlant, ...endpoint });
  expect((await publish()).sequence).toBe(3);
  expect((await listProfiles(fixture.management, inPlant)).items.map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
  expect((await listNetworks(fixture.management, 'acme')).items).toMatchObject([{ sequence: 3 }]);
});

test('each change is a line for the approver', async () => {
  const { fingerprint } = await add(first.der, ['example.com', '10.0.0.0/8']);
  expect((await publish()).changes[0]).toBe('first publication');
  await retire(fingerprint);
  await add(second.der, ['*']);
  await addEndpoint(fixture.management, approver, { ...inPlant, ...endpoint });
  const { changes } = await publish();
  expect(changes).toHaveLength(3);
  expect(changes[0]).toMatch(/^\+ inspection CA .*\(CN=Second\): for \* from /);
  expect(changes[1]).toMatch(/^- inspection CA .*\(CN=First\): retired$/);
  expect(changes[2]).toBe('+ endpoint cloud: https app.example:443, required');
  await removeEndpoint(fixture.management, approver, { ...inPlant, endpoint: 'cloud' });
  expect((await publish()).changes).toEqual(['- endpoint cloud: https app.example:443, required']);
});

test("publishing warns when no CA may vouch for the service's own name; without any CA there is nothing to warn of", async () => {
  expect((await publish()).warnings).toEqual([]);
  const { fingerprint } = await add(first.der);
  expect((await publish()).warnings).toEqual([
    expect.stringMatching(/^No inspection CA of this network is permitted for bootstrap\.example/),
  ]);
  await add(second.der, ['example']);
  expect((await publish()).warnings).toEqual([]);
  await retire(fingerprint);
  expect((await publish()).warnings).toEqual([]);
});

test('retiring takes effect with the next publication, and stays in the list of what devices drop', async () => {
  const { fingerprint, keyDigest } = await add(first.der);
  await publish();
  expect(await states()).toEqual(['active']);
  await retire(fingerprint);
  expect(await states()).toEqual(['retiring']);
  expect((await current()).profile.retire).toEqual([]);
  expect((await publish()).retired).toEqual([keyDigest]);
  expect(await states()).toEqual(['retired']);
  expect((await current()).profile).toMatchObject({ inspectionCas: [], retire: [keyDigest] });
  await add(second.der);
  expect((await publish()).retired).toEqual([keyDigest]);
});

test('a retired CA that is added again is no longer among what devices drop [D20]', async () => {
  const { fingerprint } = await add(first.der);
  await publish();
  await retire(fingerprint);
  await publish();
  await add(first.der, ['other.example']);
  const { changes, retired, inspectionCas } = await publish();
  expect(retired).toEqual([]);
  expect(inspectionCas).toMatchObject([{ permittedNames: ['other.example'] }]);
  expect(changes.join('\n')).toContain('no longer retired');
});

test('a scope that changed is a change, although the certificate is the same', async () => {
  const { fingerprint } = await add(first.der);
  await publish();
  await retire(fingerprint);
  await add(first.der, ['other.example']);
  const { changes } = await publish();
  expect(changes).toHaveLength(1);
  expect(changes[0]).toMatch(/^~ inspection CA .*: for other\.example from /);
});

test('a CA whose time is over is left out', async () => {
  await addApprovedCa(fixture.management, approver, {
    ...inPlant,
    certificate: upload(first.der),
    permittedNames: ['example.com'],
    until: new Date((fixture.management.now() + 10 * DAY) * 1000).toISOString().slice(0, 10),
  });
  await publish();
  fixture.advance(11 * DAY);
  const { changes } = await publish();
  expect(changes).toEqual([expect.stringMatching(/^- inspection CA .*: left out$/)]);
});

test('a profile that ends soon is worth publishing again', async () => {
  await publish();
  fixture.advance(340 * DAY);
  expect((await publish()).changes).toEqual([expect.stringMatching(/^renewed: /)]);
});

test('at most 16 inspection CAs are published', async () => {
  for (let index = 0; index < 17; index++) await add(opensslCertificate({ commonName: `CA ${index}` }).der);
  await expect(publish()).rejects.toMatchObject({ code: 'limit-reached' });
});

test('a profile that no answer could carry is refused', async () => {
  const names = Array.from(
    { length: 64 },
    (_, index) => `${index}.${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example`,
  );
  for (let index = 0; index < 4; index++) await add(opensslCertificate({ commonName: `CA ${index}` }).der, names);
  await expect(publish()).rejects.toMatchObject({ code: 'limit-reached' });
  expect((await listProfiles(fixture.management, inPlant)).items).toEqual([]);
});

test('a CA that became the key of an anchor since is not published [D19]', async () => {
  await add(first.der);
  const [anchor] = parseChainPem(first.pem);
  if (anchor === undefined) throw new Error('no certificate');
  const management = { ...fixture.management, serviceAnchors: [...fixture.management.serviceAnchors, anchor] };
  await expect(publishProfile(management, approver, inPlant)).rejects.toMatchObject({ code: 'certificate-refused' });
});

test('a publisher key that others can read does not sign', async () => {
  const { chmodSync } = await import('node:fs');
  chmodSync(join(fixture.directory, 'keys', 'publishers', 'acme', 'publisher.key'), 0o644);
  await expect(publish()).rejects.toThrow(/Others can read the key .*publisher\.key: run "chmod 600/);
  expect((await listProfiles(fixture.management, inPlant)).items).toEqual([]);
});

test('the device side reads claims and profiles as they were signed, and cannot write', async () => {
  await add(first.der);
  await publish();
  const { row } = await current();
  const reader = await openManagementReader(fixture.database);
  const [profile] = await reader.profilesOf(acme);
  expect(profile).toMatchObject({ network: 'plant', sequence: 1, digest: row.digest, envelope: row.envelope });
  expect(profile?.inspectionCas[0]?.certificate).toEqual(first.der);
  expect(await reader.manufacturers()).toEqual([]);
  await reader.close();
});

test('all profiles of an organization together are bounded: each request of its devices looks through them', async () => {
  const { tables } = fixture.management.store;
  await publish();
  await addNetwork(fixture.management, approver, { organization: 'acme', name: 'other' });
  const { row } = await current();
  const payload = 'x'.repeat(MAX_PROFILES_CHARACTERS);
  const network = parseNetworkId('other');
  await tables.profiles.add({ ...row, network, envelope: { payload, signature: '' } });
  await add(first.der);
  await expect(publish()).rejects.toMatchObject({ code: 'limit-reached' });
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openEnvelope, parseClaim, parseNonce, parseSerial, type UnixSeconds, verifySigner } from '@windlass/protocol';
import { trustAnchor } from '@windlass/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyDigestOf, parseChainPem } from './certificates.ts';
import { addClaim, releaseClaim } from './claims.ts';
import { listDevices } from './device-list.ts';
import { addManufacturer, listManufacturers } from './manufacturers.ts';
import { addNetwork } from './networks.ts';
import { addOrganization } from './organizations.ts';
import {
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  SERVICE,
} from './testing/management-fixture.ts';

let fixture: Fixture;
let publisherAnchor: string;
const maker = opensslCertificate({ commonName: 'Maker' });
const secondMaker = opensslCertificate({ commonName: 'Second maker' });
const acme = approverOf('acme');
const other = approverOf('other');
const [makerCertificate] = parseChainPem(maker.pem);
if (makerCertificate === undefined) throw new Error('no certificate');
const makerDigest = keyDigestOf(makerCertificate);

beforeEach(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  publisherAnchor = (await addOrganization(management, admin, { name: 'acme' })).publisherAnchor;
  await addOrganization(management, admin, { name: 'other' });
  await addNetwork(management, acme, { organization: 'acme', name: 'plant' });
  await addManufacturer(management, admin, { name: 'maker', certificate: maker.pem });
});

afterEach(async () => {
  await fixture.close();
});

const claim = (serial: string, organization = 'acme', more: { network?: string; manufacturer?: string } = {}) =>
  addClaim(fixture.management, admin, { serial, organization, ...more });
const release = (serial: string, actor = acme) => releaseClaim(fixture.management, actor, { serial });

async function signed(serial: string) {
  const row = await fixture.management.store.tables.claims.current(makerDigest, parseSerial(serial));
  if (row === null) throw new Error('There is no claim.');
  return {
    row,
    opened: openEnvelope(row.envelope, 'claim-authority'),
    payload: parseClaim(row.envelope.payload, SERVICE),
  };
}

function see(serial: string, manufacturer = makerDigest) {
  const time = fixture.management.now();
  const key = manufacturer;
  fixture.seen.push({
    manufacturer,
    serial: parseSerial(serial),
    key,
    firstSeen: time,
    lastSeen: time,
    lastOutcome: 'unclaimed',
    lastReport: null,
    lastTrouble: null,
  });
  return key;
}

test('a claim is signed by a claim authority of the service when it is made, and is what a device accepts', async () => {
  const claimed = await claim('S-1', 'acme', { network: 'plant' });
  expect(claimed).toMatchObject({
    serial: 'S-1',
    manufacturer: 'maker',
    organization: 'acme',
    network: 'plant',
    ownership: 1,
    generation: 1,
  });
  const { opened, payload, row } = await signed('S-1');
  const anchors = fixture.management.serviceAnchors.map((anchor) => trustAnchor(anchor));
  const time = fixture.management.now();
  expect(() => verifySigner(opened, { role: 'claim-authority', anchors, time, service: SERVICE })).not.toThrow();
  expect(payload).toMatchObject({
    device: { manufacturer: makerDigest, serial: 'S-1' },
    organization: 'acme',
    epoch: 1,
  });
  expect(payload.device.key).toBeUndefined();
  expect(payload.publishers).toEqual(parseChainPem(publisherAnchor).map(({ der }) => der));
  expect(row.digest).toBe(opened.digest);
});

test('ownership and generation rise with each claim and release, also across organizations [S12]', async () => {
  const numbers: number[][] = [];
  const note = ({ ownership, generation }: { ownership: number; generation: number }) =>
    numbers.push([ownership, generation]);
  note(await claim('S-1'));
  note(await release('S-1'));
  note(await claim('S-1', 'other'));
  note(await release('S-1', other));
  expect(numbers).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
});

test("a released device is nobody's: no organization, no publishers, epoch 0", async () => {
  await claim('S-1', 'acme', { network: 'plant' });
  const released = await release('S-1');
  expect(released).toMatchObject({ organization: null, network: null });
  const { payload } = await signed('S-1');
  expect(payload).toMatchObject({ organization: null, publishers: [], epoch: 0 });
});

test('the claim names the key of a device that was seen, and keeps it', async () => {
  const key = see('S-1');
  await claim('S-1');
  expect((await signed('S-1')).payload.device.key).toBe(key);
  fixture.seen.length = 0;
  await release('S-1');
  expect((await signed('S-1')).payload.device.key).toBe(key);
});

test('a device that is claimed is not claimed again; the operator is told who owns it and what to do', async () => {
  await claim('S-1');
  for (const organization of ['acme', 'other'])
    await expect(claim('S-1', organization)).rejects.toMatchObject({
      code: 'already-claimed',
      message: 'Device S-1 is claimed already by acme: ask them to release it, or to transfer it.',
    });
});

test('an unknown organization, network or manufacturer is named', async () => {
  await expect(claim('S-1', 'nobody')).rejects.toThrow(/^There is no organization nobody/);
  await expect(claim('S-1', 'acme', { network: 'moon' })).rejects.toThrow(/^acme has no network moon/);
  await expect(claim('S-1', 'acme', { manufacturer: 'nobody' })).rejects.toThrow(/^There is no manufacturer nobody/);
});

test('without a manufacturer there is nothing to claim', async () => {
  const empty = await openFixture();
  await addOrganization(empty.management, admin, { name: 'acme' });
  const claimed = addClaim(empty.management, admin, { serial: 'S-1', organization: 'acme' });
  await expect(claimed).rejects.toThrow(/no manufacturer yet/);
  await empty.close();
});

test('with two manufacturers the one that has the serial is meant; otherwise it must be named', async () => {
  const { management } = fixture;
  const second = await addManufacturer(management, admin, { name: 'second', certificate: secondMaker.pem });
  await expect(claim('S-1')).rejects.toMatchObject({ code: 'ambiguous-manufacturer' });
  see('S-2');
  expect(await claim('S-2')).toMatchObject({ manufacturer: 'maker' });
  see('S-3');
  see('S-3', second.manufacturer as typeof makerDigest);
  await expect(claim('S-3')).rejects.toThrow(/More than one manufacturer has a device S-3/);
  expect(await claim('S-3', 'acme', { manufacturer: 'second' })).toMatchObject({ manufacturer: 'second' });
  await claim('S-3', 'other', { manufacturer: 'maker' });
  expect(await release('S-3', other)).toMatchObject({ manufacturer: 'maker' });
  await claim('S-3', 'acme', { manufacturer: 'maker' });
  await expect(release('S-3')).rejects.toMatchObject({ code: 'ambiguous-manufacturer' });
  const named = releaseClaim(management, acme, { serial: 'S-3', manufacturer: 'second' });
  expect(await named).toMatchObject({ manufacturer: 'second' });
});

test("an approver releases only what is theirs; another organization's device is not there for them", async () => {
  await claim('S-1');
  const [foreign, unknown] = [release('S-1', other), release('S-9', other)];
  const messages = await Promise.all(
    [foreign, unknown].map((one) => one.then(String, (error: Error) => error.message)),
  );
  expect(messages[0]?.replace('S-1', 'S-9')).toBe(messages[1]);
  await expect(release('S-1')).resolves.toMatchObject({ organization: null });
  // What is nobody's is not there either, not even for the operator of the service, who is in no organization.
  await expect(release('S-1')).rejects.toMatchObject({ code: 'not-found' });
  await expect(release('S-1', admin)).rejects.toMatchObject({ code: 'not-found' });
});

test('a claim ends with the certificate of its authority, at the latest', async () => {
  const { management } = fixture;
  const { lastEnd: end } = await management.keys.state('claim-authority', management.now());
  const claimed = await claim('S-1');
  expect(Date.parse(claimed.expires) / 1000).toBeLessThanOrEqual(end ?? 0);
  fixture.advance(3 * 365 * 86_400);
  await expect(claim('S-2')).rejects.toMatchObject({ code: 'signer-expired' });
});

test('without a claim authority nothing is stored', async () => {
  rmSync(join(fixture.directory, 'keys', 'claim-authority'), { recursive: true });
  await expect(claim('S-1')).rejects.toMatchObject({ code: 'signer-missing' });
  expect((await listDevices(fixture.management, {})).items).toEqual([]);
});

/** The device that was seen last has reported, and why it was offline before. */
function report(time: UnixSeconds): void {
  const last = fixture.seen.pop();
  if (last === undefined) throw new Error('nothing was seen');
  const nothing = { phases: [], code: null, profile: null, stores: [], removed: [], endpoints: [] };
  const lastTrouble = { code: 'captive', since: time, until: time } as const;
  fixture.seen.push({
    ...last,
    lastReport: { time, nonce: parseNonce(makerDigest), counter: 1, ...nothing },
    lastTrouble,
  });
}

test('what was seen and reported before the claim is not shown to the new owner', async () => {
  const { management } = fixture;
  see('S-1');
  report(management.now());
  fixture.advance(100);
  await claim('S-1');
  expect((await listDevices(management, { organization: 'acme' })).items).toMatchObject([
    { serial: 'S-1', firstSeen: null, lastSeen: null, lastOutcome: null, lastReport: null, lastTrouble: null },
  ]);
  const [seen] = fixture.seen.splice(0);
  if (seen === undefined) throw new Error('nothing was seen');
  fixture.seen.push({ ...seen, lastSeen: (seen.lastSeen + 200) as UnixSeconds, lastOutcome: 'granted' });
  expect((await listDevices(management, { organization: 'acme' })).items).toMatchObject([
    { lastOutcome: 'granted', lastReport: null, lastTrouble: null },
  ]);
  report(management.now());
  expect((await listDevices(management, { organization: 'acme' })).items).toMatchObject([
    { lastReport: { counter: 1 }, lastTrouble: { code: 'captive' } },
  ]);
  expect((await listDevices(management, { organization: 'other' })).items).toEqual([]);
});

test('a manufacturer is added once, by name and by key, and must be a CA without its key', async () => {
  const { management } = fixture;
  const add = (name: string, certificate: string) => addManufacturer(management, admin, { name, certificate });
  await expect(add('maker', secondMaker.pem)).rejects.toMatchObject({ code: 'exists' });
  await expect(add('again', maker.pem)).rejects.toThrow(/manufacturer maker's already/);
  await expect(add('x', maker.pem + maker.keyPem)).rejects.toMatchObject({ code: 'private-key-in-upload' });
  await expect(add('x', maker.pem + secondMaker.pem)).rejects.toMatchObject({ code: 'certificate-refused' });
  await expect(add('x', 'hello')).rejects.toMatchObject({ code: 'certificate-refused' });
  const leaf = opensslCertificate({ extensions: ['basicConstraints=CA:FALSE'] });
  await expect(add('x', leaf.pem)).rejects.toThrow(/not a CA's/);
  const weak = opensslCertificate({ key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'] });
  await expect(add('x', weak.pem)).rejects.toThrow(/RSA with 2048 to 8192 bits/);
  await expect(add('x', publisherAnchor)).rejects.toThrow(/key of a service anchor or publisher anchor/);
  expect((await listManufacturers(management)).items.map(({ name, manufacturer }) => [name, manufacturer])).toEqual([
    ['maker', makerDigest],
  ]);
});

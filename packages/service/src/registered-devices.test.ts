import { generateKeyPairSync } from 'node:crypto';
import { parseClaim, parseSerial } from '@windlass/protocol';
import { toPem } from '@windlass/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from './audit.ts';
import { fingerprintOf, fingerprintOfDigest } from './certificates.ts';
import { addClaim, releaseClaim } from './claims.ts';
import { listDevices } from './device-list.ts';
import { showDevice } from './devices.ts';
import { addManufacturer } from './manufacturers.ts';
import { addOrganization } from './organizations.ts';
import { registerDevice } from './registered-devices.ts';
import { openManagementReader } from './store/management-reader.ts';
import { admin, approverOf, type Fixture, openFixture, SERVICE } from './testing/management-fixture.ts';
import { makeCa, makeDevice, type TestEntity } from './testing/test-pki.ts';

const acme = approverOf('acme');
const maker = makeCa('Maker');
const device = makeDevice('S-1', null);
let fixture: Fixture;

beforeEach(async () => {
  fixture = await openFixture();
  await addOrganization(fixture.management, admin, { name: 'acme' });
});

afterEach(async () => {
  await fixture.close();
});

const pem = ({ certificate }: TestEntity) => toPem('CERTIFICATE', certificate.der);
const register = (entity: TestEntity, serial?: string) =>
  registerDevice(fixture.management, admin, { certificate: pem(entity), ...(serial === undefined ? {} : { serial }) });
const claim = (manufacturer?: string) =>
  addClaim(fixture.management, admin, {
    serial: 'S-1',
    organization: 'acme',
    ...(manufacturer === undefined ? {} : { manufacturer }),
  });
const addMaker = (entity = maker, name = 'maker') =>
  addManufacturer(fixture.management, admin, { name, certificate: pem(entity) });

function see(manufacturer = makeDevice('S-1', maker).id.manufacturer) {
  const time = fixture.management.now();
  const times = { firstSeen: time, lastSeen: time };
  const id = { manufacturer, serial: parseSerial('S-1') };
  fixture.seen.push({
    ...id,
    key: manufacturer,
    ...times,
    lastOutcome: 'unclaimed',
    lastReport: null,
    lastTrouble: null,
  });
}

test('a device is registered by the serial and key of its certificate, and the audit says so', async () => {
  const registered = await register(device, 'S-1');
  expect(registered).toMatchObject({
    serial: 'S-1',
    manufacturer: 'self-signed',
    keyFingerprint: fingerprintOfDigest(device.keyDigest),
    fingerprint: fingerprintOf(device.certificate.der),
  });
  const { entries } = await listAudit(fixture.management, { organization: null, limit: 1 });
  expect(entries[0]).toMatchObject({
    act: 'device.register',
    outcome: 'done',
    organization: null,
    object: 'device self-signed/S-1',
    detail: {
      before: null,
      after: { serial: 'S-1', keyDigest: device.keyDigest, fingerprint: registered.fingerprint },
    },
  });
});

test('[S1] the device side reads keys that were registered, each with its serial, and no others', async () => {
  await register(device);
  const reader = await openManagementReader(fixture.database);
  expect(await reader.registeredSerial(device.keyDigest)).toBe('S-1');
  expect(await reader.registeredSerial(makeDevice('S-1', null).keyDigest)).toBeNull();
  await reader.close();
});

test('the operator sees it before anybody claims it; an organization sees it when it is theirs', async () => {
  const { management } = fixture;
  await register(device);
  const keyFingerprint = fingerprintOfDigest(device.keyDigest);
  const unclaimed = { serial: 'S-1', manufacturer: 'self-signed', organization: null, keyFingerprint };
  expect((await listDevices(management, {})).items).toMatchObject([unclaimed]);
  expect(await showDevice(management, admin, { serial: 'S-1' })).toMatchObject(unclaimed);
  expect((await listDevices(management, { organization: 'acme' })).items).toEqual([]);
  await expect(showDevice(management, acme, { serial: 'S-1' })).rejects.toMatchObject({ code: 'not-found' });
  await claim();
  const claimed = { ...unclaimed, organization: 'acme' };
  expect((await listDevices(management, { organization: 'acme' })).items).toMatchObject([claimed]);
  expect(await showDevice(management, acme, { serial: 'S-1', manufacturer: 'self-signed' })).toMatchObject(claimed);
  see(device.keyDigest);
  expect((await listDevices(management, {})).items).toMatchObject([{ ...claimed, lastOutcome: 'unclaimed' }]);
});

test('[F6] its claim names its own key as manufacturer and, at once, as key', async () => {
  const { management } = fixture;
  await register(device);
  expect(await claim()).toMatchObject({ serial: 'S-1', manufacturer: 'self-signed', organization: 'acme' });
  const row = await management.store.tables.claims.current(device.keyDigest, device.id.serial);
  expect(row?.key).toBe(device.keyDigest);
  expect(parseClaim(row?.envelope.payload ?? '', SERVICE).device).toEqual({ ...device.id, key: device.keyDigest });
  const released = releaseClaim(management, acme, { serial: 'S-1', manufacturer: 'self-signed' });
  expect(await released).toMatchObject({ manufacturer: 'self-signed', organization: null });
});

test('a serial that a manufacturer has too: the manufacturer must be named', async () => {
  const { management } = fixture;
  await addMaker();
  await register(device);
  see();
  await expect(claim()).rejects.toThrow(/^More than one manufacturer has a device S-1: .* "self-signed"/);
  await expect(showDevice(management, admin, { serial: 'S-1' })).rejects.toMatchObject({
    code: 'ambiguous-manufacturer',
  });
  expect(await claim('self-signed')).toMatchObject({ manufacturer: 'self-signed' });
  expect(await claim('maker')).toMatchObject({ manufacturer: 'maker' });
  const release = (more: object) => releaseClaim(management, acme, { serial: 'S-1', ...more });
  await expect(release({})).rejects.toMatchObject({ code: 'ambiguous-manufacturer' });
  expect(await release({ manufacturer: 'self-signed' })).toMatchObject({ manufacturer: 'self-signed' });
  expect(await release({})).toMatchObject({ manufacturer: 'maker' });
});

test('a manufacturer that never had the serial does not make it ambiguous', async () => {
  await addMaker();
  await register(device);
  expect(await claim()).toMatchObject({ manufacturer: 'self-signed' });
});

test('"self-signed" finds registered devices only, and is no name for a manufacturer', async () => {
  await addMaker();
  await expect(claim('self-signed')).rejects.toThrow(/^There is no self-signed device S-1: register it first/);
  for (const name of ['self-signed', 'Self-Signed']) {
    await expect(addMaker(maker, name)).rejects.toMatchObject({ code: 'invalid-request' });
  }
});

test('a key and a serial are registered once; nothing is stored otherwise', async () => {
  await register(device);
  await expect(register(device)).rejects.toThrow(/^Device S-1 is registered already/);
  const otherSerial = makeDevice('S-2', null, { key: device.key });
  await expect(register(otherSerial)).rejects.toThrow(/^This key is registered already, as that of device S-1/);
  const otherKey = makeDevice('S-1', null);
  await expect(register(otherKey)).rejects.toThrow(/^A device S-1 is registered already with another key/);
  await expect(register(otherKey)).rejects.toMatchObject({ code: 'exists' });
  expect(await fixture.management.store.tables.registeredDevices.page({ after: null, limit: 100 })).toHaveLength(1);
});

test("a key is a device's or a manufacturer's, not both", async () => {
  await addMaker();
  await expect(register(makeDevice('S-9', null, { key: maker.key }))).rejects.toThrow(
    /^This is the key of manufacturer maker/,
  );
  await register(device);
  await expect(addMaker(makeCa('Other', { key: device.key }), 'other')).rejects.toThrow(
    /^This key is that of the self-signed device S-1/,
  );
});

const subject = (...serials: readonly string[]) => ({
  subject: [
    { type: 'CN', value: 'device' } as const,
    ...serials.map((value) => ({ type: 'serialNumber', value }) as const),
  ],
});
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey;

test.each<[string, RegExp, TestEntity]>([
  ["a CA's certificate", /^This certificate is a CA's/, makeCa('Root', subject('S-1'))],
  ["a manufacturer's device", /^This certificate is not self-signed \(CN=Maker issued it\)/, makeDevice('S-1', maker)],
  ['a signature of another key', /^This certificate is not self-signed: its signature/, makeDevice('S-1', device)],
  ['no serialNumber', /has no serialNumber/, makeDevice('S-1', null, subject())],
  ['two serialNumbers', /has 2 serialNumbers/, makeDevice('S-1', null, subject('S-1', 'S-2'))],
  ['the same serialNumber twice', /has 2 serialNumbers/, makeDevice('S-1', null, subject('S-1', 'S-1'))],
  ['a serialNumber that is no serial', /is no serial: it must be 1 to 64/, makeDevice('S-1', null, subject('S '))],
  ['a weak key', /^A device cannot sign with the key/, makeDevice('S-1', null, { key: weak })],
  ['a key that no device signs with', /^A device cannot sign with the key/, makeDevice('S-1', null, { key: p521 })],
  [
    'one that ended',
    /^This certificate has ended/,
    makeDevice('S-1', null, { notAfter: Math.floor(Date.now() / 1000) - 86_400 }),
  ],
])('[K7] %s: refused with a sentence, and nothing is stored', async (_, sentence, entity) => {
  await expect(register(entity)).rejects.toThrow(sentence);
  await expect(register(entity)).rejects.toMatchObject({ name: 'Refusal', code: 'certificate-refused' });
  expect(await fixture.management.store.tables.registeredDevices.page({ after: null, limit: 100 })).toEqual([]);
});

test("another serial than the certificate's, a private key, two certificates, no certificate: refused", async () => {
  await expect(register(device, 'S-2')).rejects.toThrow(/^This is the certificate of device S-1/);
  const send = (certificate: string) => registerDevice(fixture.management, admin, { certificate });
  const key = String(device.key.export({ type: 'pkcs8', format: 'pem' }));
  await expect(send(pem(device) + key)).rejects.toMatchObject({ code: 'private-key-in-upload' });
  await expect(send(pem(device) + pem(device))).rejects.toThrow(/^The text has 2 certificates/);
  await expect(send('certificate')).rejects.toThrow(/^This is not a certificate in PEM/);
});

test("[D19] the key of a service anchor is no device's", async () => {
  const { management } = fixture;
  const withAnchor = { ...management, serviceAnchors: [device.certificate] };
  await expect(registerDevice(withAnchor, admin, { certificate: pem(device) })).rejects.toThrow(
    /has the key of a service anchor or publisher anchor/,
  );
});

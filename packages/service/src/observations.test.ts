import { parseOrganizationId, parseSerial, type UnixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprintOf, keyDigestOf, parseDer } from './certificates.ts';
import { listDevices } from './device-list.ts';
import { showDevice } from './devices.ts';
import { retireInspectionCa } from './inspection-ca-ending.ts';
import { addNetwork } from './networks.ts';
import { listObservations } from './observations.ts';
import { addOrganization } from './organizations.ts';
import { publishProfile } from './profiles.ts';
import type { StoredObservation } from './store/ports.ts';
import {
  addApprovedCa,
  admin,
  approverOf,
  type Fixture,
  observe as observed,
  openFixture,
  opensslCertificate,
  upload,
} from './testing/management-fixture.ts';

let fixture: Fixture;
const box = opensslCertificate({ commonName: 'Proxy' });
const renewed = opensslCertificate({ commonName: 'Proxy', keyPem: box.keyPem });
const impostor = opensslCertificate({ commonName: 'Proxy' });
const manufacturer = keyDigestOf(parseDer(box.der));

beforeEach(async () => {
  fixture = await openFixture();
  await addOrganization(fixture.management, admin, { name: 'acme' });
  await addOrganization(fixture.management, admin, { name: 'other' });
});

afterEach(async () => {
  await fixture.close();
});

function observe(serial: string, certificate: Uint8Array, more: Partial<StoredObservation> = {}): void {
  fixture.observations.push(observed(certificate, { manufacturer, serial: parseSerial(serial), ...more }));
}

test('what one key inspects is one observation, over devices and renewals', async () => {
  observe('S-1', box.der);
  observe('S-2', renewed.der, { firstSeen: 500 as UnixSeconds, lastSeen: 3000 as UnixSeconds });
  const { items } = await listObservations(fixture.management, { organization: 'acme' });
  expect(items).toMatchObject([
    {
      devices: 2,
      serials: ['S-1', 'S-2'],
      firstSeen: '1970-01-01T00:08:20Z',
      lastSeen: '1970-01-01T00:50:00Z',
      fingerprint: fingerprintOf(renewed.der),
    },
  ]);
});

test('a box with the same name and key identifier but another key is another observation', async () => {
  observe('S-1', box.der);
  observe('S-2', impostor.der);
  expect((await listObservations(fixture.management, { organization: 'acme' })).items).toHaveLength(2);
});

test('leaves are grouped by what they say of their issuer, and never with a CA that was shown', async () => {
  observe('S-1', box.der);
  observe('S-2', renewed.der, { topIsCa: false });
  observe('S-3', impostor.der, { topIsCa: false });
  observe('S-4', impostor.der, { topIsCa: false, issuerKeyId: null });
  expect(
    (await listObservations(fixture.management, { organization: 'acme' })).items.map(({ devices }) => devices).sort(),
  ).toEqual([1, 1, 2]);
});

test("an organization sees its own; all of them are the admin's to see; of a crowd the first ten serials", async () => {
  for (let index = 0; index < 12; index++) observe(`S-${index + 10}`, box.der);
  observe('S-99', box.der, { organization: parseOrganizationId('other') });
  const own = (await listObservations(fixture.management, { organization: 'acme' })).items;
  expect(own).toMatchObject([{ organization: 'acme', devices: 12 }]);
  expect(own[0]?.serials).toHaveLength(10);
  expect((await listObservations(fixture.management, {})).items).toHaveLength(2);
  await expect(listObservations(fixture.management, { organization: 'nobody' })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('a device that only asked is there for the admin alone', async () => {
  const time = fixture.management.now();
  const serial = parseSerial('S-1');
  const seen = { manufacturer, serial, key: manufacturer, firstSeen: time, lastSeen: time } as const;
  fixture.seen.push({ ...seen, lastOutcome: 'unclaimed', lastReport: null, lastTrouble: null });
  expect((await listDevices(fixture.management, {})).items).toMatchObject([
    { serial: 'S-1', manufacturer, organization: null, generation: 0, lastOutcome: 'unclaimed' },
  ]);
  expect((await listDevices(fixture.management, { organization: 'acme' })).items).toEqual([]);
  await expect(showDevice(fixture.management, approverOf('acme'), { serial: 'S-1' })).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(await showDevice(fixture.management, admin, { serial: 'S-1' })).toMatchObject({ serial: 'S-1' });
});

test('what the organization has published since is not shown any more; what is seen after that was retired is', async () => {
  const { management } = fixture;
  const approver = approverOf('acme');
  const plant = { organization: 'acme', network: 'plant' };
  observe('S-1', box.der);
  observe('S-2', Buffer.from('no certificate'), { topIsCa: false, fingerprint: 'FF', issuerKeyId: null });
  await addNetwork(management, approver, { organization: 'acme', name: 'plant' });
  const names = { certificate: upload(box.der), permittedNames: ['*'] };
  const { fingerprint } = await addApprovedCa(management, approver, { ...plant, ...names });
  expect((await listObservations(management, { organization: 'acme' })).items).toHaveLength(2);
  await publishProfile(management, approver, plant);
  expect((await listObservations(management, { organization: 'acme' })).items).toMatchObject([{ fingerprint: 'FF' }]);
  fixture.advance(60);
  await retireInspectionCa(management, approver, { ...plant, fingerprint });
  expect((await listObservations(management, { organization: 'acme' })).items).toMatchObject([{ fingerprint: 'FF' }]);
  fixture.advance(60);
  observe('S-3', box.der, { lastSeen: management.now() });
  expect((await listObservations(management, { organization: 'acme' })).items).toHaveLength(2);
});

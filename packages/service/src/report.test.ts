import {
  acceptAcknowledgement,
  digestOf,
  encodeEnvelope,
  encodeReport,
  formatTime,
  parseNonce,
  parseServiceName,
  type Report,
  unixSeconds,
} from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QuotaError } from './errors.ts';
import { acceptReport } from './report.ts';
import { type DeviceWorld, openDeviceWorld, SERVICE } from './testing/device-world.ts';
import { makeCa, makeDevice, signPayload, TEST_TIME, type TestDevice } from './testing/test-pki.ts';

let world: DeviceWorld;
let device: TestDevice;
beforeEach(async () => {
  world = await openDeviceWorld();
  device = makeDevice('pump-1', world.manufacturer);
});
afterEach(() => world.close());

function payloadOf(change: Partial<Report> = {}): string {
  return encodeReport({
    service: SERVICE,
    device: device.id,
    nonce: parseNonce(digestOf('nonce')),
    counter: 7,
    clock: { state: 'trusted', time: world.now },
    rung: 1,
    phases: ['fetched', 'accepted', 'staged', 'probed', 'active'],
    stores: [],
    removed: [],
    endpoints: [],
    agent: { version: '0.1.0' },
    ...change,
  });
}
const signed = (payload: string, by = device) => Buffer.from(encodeEnvelope(signPayload(by, payload)));
const send = (change: Partial<Report> = {}, by = device) => acceptReport(signed(payloadOf(change), by), world.side);

const accept = (answer: string, payload: string, counter = 7) =>
  acceptAcknowledgement(Buffer.from(answer), {
    service: SERVICE,
    serviceAnchors: [world.serviceAnchor],
    device: device.id,
    report: digestOf(payload),
    counter,
    floor: unixSeconds(TEST_TIME),
    clock: { state: 'untrusted', time: unixSeconds(TEST_TIME) },
    revocations: [],
  });

test('[S11] the acknowledgement names device, report and counter, and the device accepts it', async () => {
  const payload = payloadOf();
  const answer = await acceptReport(signed(payload), world.side);
  expect(accept(answer, payload)).toMatchObject({
    device: device.id,
    report: digestOf(payload),
    counter: 7,
    time: TEST_TIME,
  });
});

test('[S11] a report is stored before it is acknowledged', async () => {
  await send();
  expect(await world.reader.device(device.id)).toMatchObject({
    lastReport: { counter: 7, phases: expect.arrayContaining(['active']) },
  });
});

test('[M7] the trouble that a report names is shown with the device; another word is refused', async () => {
  const trouble = { code: 'proxy-authentication', since: unixSeconds(TEST_TIME - 86_400) } as const;
  await send({ trouble });
  expect((await world.reader.device(device.id))?.lastTrouble).toEqual({ ...trouble, until: TEST_TIME });
  const other = { code: 'gremlins' as 'captive', since: trouble.since };
  await expect(send({ counter: 8, trouble: other })).rejects.toMatchObject({ code: 'schema' });
});

test('[S11] a report that cannot be stored is not acknowledged', async () => {
  const appendReport = async () => {
    throw new Error('planted: the disk is full');
  };
  const store = { ...world.side.store, appendReport };
  await expect(acceptReport(signed(payloadOf()), { ...world.side, store })).rejects.toThrow('planted');
});

test('[S10] the same report again, also signed anew: the acknowledgement of the stored one is repeated', async () => {
  const payload = payloadOf();
  const first = await acceptReport(signed(payload), world.side);
  world.now = unixSeconds(TEST_TIME + 3_600);
  await send({ counter: 8 });
  expect(await acceptReport(signed(payload), world.side)).toBe(first);
  expect(accept(first, payload).time).toBe(TEST_TIME);
});

test('[S10] another report with the same counter, and one with a lower counter: the neutral problem', async () => {
  await send();
  await expect(send({ rung: 2 })).rejects.toMatchObject({ code: 'report-mismatch' });
  await expect(send({ counter: 6 })).rejects.toMatchObject({ code: 'report-mismatch' });
});

test('[S10] a counter far above the time: the neutral problem, or one report would silence the device for good', async () => {
  await send({ counter: TEST_TIME + 65_536 });
  await expect(send({ counter: TEST_TIME + 65_537 })).rejects.toMatchObject({ code: 'report-mismatch' });
});

test('[S2] a registered key reports under the serial that it was registered with, and under no other', async () => {
  const maker = makeDevice('home-made', null);
  world.registered.set(maker.keyDigest, maker.id.serial);
  await send({ device: maker.id }, maker);
  const impostor = makeDevice('home-made-2', null, { key: maker.key });
  await expect(send({ device: impostor.id }, impostor)).rejects.toMatchObject({ code: 'device-mismatch' });
  expect((await world.reader.page({ after: null, limit: 100 })).map(({ serial }) => serial)).toEqual(['home-made']);
});

test('[S10] a report is verified as a request is', async () => {
  const stranger = makeDevice('pump-1', makeCa('X'));
  await expect(send({}, stranger)).rejects.toMatchObject({ code: 'signer-untrusted' });
  await expect(send({ device: makeDevice('pump-2', world.manufacturer).id })).rejects.toMatchObject({
    code: 'device-mismatch',
  });
  await expect(send({ service: parseServiceName('other.example') })).rejects.toMatchObject({ code: 'service' });
  const changed = encodeEnvelope({
    ...signPayload(device, payloadOf()),
    payload: payloadOf({ clock: { state: 'floor', time: unixSeconds(TEST_TIME + 1) } }),
  });
  await expect(acceptReport(Buffer.from(changed), world.side)).rejects.toMatchObject({ code: 'digest-mismatch' });
  expect(await world.reader.page({ after: null, limit: 100 })).toEqual([]);
});

test('[S4] a report with another key than the device has is refused, and takes no counter', async () => {
  await send({ counter: 1 });
  const clone = makeDevice('pump-1', world.manufacturer);
  await expect(send({ counter: 100 }, clone)).rejects.toMatchObject({ code: 'report-mismatch' });
  await send({ counter: 2 });
});

test('[S4] a report with another key than the claim names is refused', async () => {
  world.claim(device.id, 'acme', { key: device.keyDigest });
  await expect(send({}, makeDevice('pump-1', world.manufacturer))).rejects.toMatchObject({ code: 'report-mismatch' });
  await send();
});

test('[S4] a report with another key than a manifest gives is refused', async () => {
  world.manifest(device.id, device.keyDigest);
  await expect(send({}, makeDevice('pump-1', world.manufacturer))).rejects.toMatchObject({ code: 'report-mismatch' });
  await send();
});

test('a request is no report', async () => {
  await expect(acceptReport(world.request(device, []), world.side)).rejects.toMatchObject({ code: 'type' });
});

test("the time of the acknowledgement is the service's, not the report's", async () => {
  const payload = payloadOf({ clock: { state: 'untrusted', time: unixSeconds(0) } });
  expect(formatTime(accept(await acceptReport(signed(payload), world.side), payload).time)).toBe(
    '2027-01-15T08:00:00Z',
  );
});

test('a device above its quota has no more reports stored; one that is stored is acknowledged again', async () => {
  const quota = () => {
    throw new QuotaError(5);
  };
  const stored = await send();
  const above = { ...world.side, quota };
  expect(await acceptReport(signed(payloadOf()), above)).toBe(stored);
  await expect(acceptReport(signed(payloadOf({ counter: 8 })), above)).rejects.toThrow(QuotaError);
});

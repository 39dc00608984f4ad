// The suite that every database under the device store must pass.
import {
  type DeviceId,
  digestOf,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseSerial,
  unixSeconds,
} from '@windlass/protocol';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeEachEngine } from '../testing/each-engine.ts';
import { type DatabaseLocation, openDatabase } from './database.ts';
import type { DecisionRecord, DeviceStore, NewObservation, ReportRecord } from './device-ports.ts';
import { createDeviceReader, openDeviceReader } from './device-reader.ts';
import { DEVICE_DATABASE, type DeviceDatabase } from './device-schema.ts';
import { createDeviceStore, MAX_OBSERVATIONS_PER_DEVICE, openDeviceStore } from './device-store.ts';
import type { DeviceReader } from './ports.ts';

interface OpenStore {
  readonly database: Kysely<DeviceDatabase>;
  readonly store: DeviceStore;
  readonly reader: DeviceReader;
  close(): Promise<void>;
}

async function openStore(location: DatabaseLocation): Promise<OpenStore> {
  const { database, close } = await openDatabase<DeviceDatabase>(location, DEVICE_DATABASE, 'create');
  const reader = await openDeviceReader(location);
  return {
    database,
    store: createDeviceStore(database, close),
    reader,
    close: () => Promise.all([close(), reader.close()]).then(() => undefined),
  };
}

const now = unixSeconds(1_800_000_000);
const later = (seconds: number) => unixSeconds(now + seconds);
const manufacturer = digestOf('manufacturer');
const deviceOf = (serial: string): DeviceId => ({ manufacturer, serial: parseSerial(serial) });
const key = digestOf('device key');
const envelope = { payload: '{"some":"payload"}', signature: 'c2lnbmF0dXJl' };
const acme = parseOrganizationId('acme');

const decisionOf = (device: DeviceId, nonce: string, change: Partial<DecisionRecord> = {}): DecisionRecord => ({
  device,
  nonce: parseNonce(digestOf(nonce)),
  request: digestOf(`request with ${nonce}`),
  key,
  time: now,
  outcome: 'granted',
  code: null,
  organization: acme,
  network: parseNetworkId('plant-7'),
  claim: digestOf('claim'),
  profile: digestOf('profile'),
  envelope,
  ...change,
});

const observationOf = ({ serial }: DeviceId, name: string): NewObservation => ({
  organization: acme,
  manufacturer,
  serial,
  certificate: Buffer.from(name),
  fingerprint: name,
  topIsCa: true,
  issuer: `CN=${name}`,
  issuerKeyId: null,
});

const reportPayload = {
  phases: ['fetched', 'failed'],
  code: 'needs-bypass',
  stores: [],
  removed: [digestOf('old')],
  endpoints: [{ name: 'backend', verdict: 'direct' }],
};
const reportOf = (device: DeviceId, counter: number, text = 'report'): ReportRecord => ({
  device,
  nonce: parseNonce(digestOf('nonce')),
  counter,
  digest: digestOf(`${text} ${counter}`),
  time: now,
  report: { payload: JSON.stringify(reportPayload), signature: 'cg==' },
  acknowledgement: { payload: `acknowledged ${counter}`, signature: 'YQ==' },
});

describeEachEngine((newDatabase) => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await openStore(await newDatabase());
  });
  afterAll(() => opened.close());

  test('[S4] the first key of a device is pinned for ever', async () => {
    const { database, store, reader } = opened;
    const device = deviceOf('pinned');
    expect(await reader.keyOf(device)).toBeNull();
    expect(await store.pinKey(device, key, now)).toBe(key);
    expect(await store.pinKey(device, digestOf('another key'), later(5))).toBe(key);
    expect(await reader.keyOf(device)).toBe(key);
    const update = database.updateTable('devices').set({ key: digestOf('another key') });
    await expect(update.where('serial', '=', 'pinned').execute()).rejects.toThrow('append-only');
  });

  test('a purge is reported by the first report of an answer that named another owner, or none', async () => {
    const { store, reader } = opened;
    const device = deviceOf('purged');
    const [former, ended] = [acme, later(100)];
    const exchange = async (
      nonce: string,
      counter: number,
      change: Partial<DecisionRecord>,
      phases: readonly string[],
    ) => {
      await store.appendDecision(decisionOf(device, nonce, change), null);
      const report = { payload: JSON.stringify({ ...reportPayload, phases }), signature: 'cg==' };
      const time = later(500 + counter);
      await store.appendReport(
        { ...reportOf(device, counter), nonce: parseNonce(digestOf(nonce)), time, report },
        null,
      );
    };
    await store.pinKey(device, key, now);
    const accepted = ['fetched', 'accepted'];
    // Before it ended; after it, but of an answer that was still the former owner's; one that was not accepted; one without a claim.
    await exchange('before', 1, { time: later(50), organization: null }, accepted);
    await exchange('late', 2, { time: later(110) }, accepted);
    await exchange('failed', 3, { time: later(120), organization: null }, ['fetched', 'failed']);
    await exchange('none', 4, { time: later(130), organization: null, claim: null }, accepted);
    expect(await reader.purgeOf(device, former, ended)).toBeNull();
    await exchange('released', 5, { time: later(140), organization: null }, accepted);
    await exchange('again', 6, { time: later(150), organization: null }, accepted);
    expect(await reader.purgeOf(device, former, ended)).toEqual({ time: later(505), removed: [digestOf('old')] });
    const taken = parseOrganizationId('rival');
    expect(await reader.purgeOf(device, taken, later(105))).toEqual({ time: later(502), removed: [digestOf('old')] });
    expect(await reader.purgeOf(deviceOf('never seen'), former, ended)).toBeNull();
  });

  test('two devices with one serial of two manufacturers are two', async () => {
    const { store, reader } = opened;
    const other = { manufacturer: digestOf('other manufacturer'), serial: parseSerial('twin') };
    await store.pinKey(deviceOf('twin'), key, now);
    expect(await store.pinKey(other, digestOf('other key'), now)).toBe(digestOf('other key'));
    expect((await reader.devices({ serial: parseSerial('twin') })).map((device) => device.key).sort()).toEqual(
      [key, digestOf('other key')].sort(),
    );
  });

  test('a decision comes back as it was appended, and the device shows it', async () => {
    const { store, reader } = opened;
    const decision = decisionOf(deviceOf('decided'), 'a');
    await store.pinKey(decision.device, key, now);
    expect(await store.appendDecision({ ...decision, time: later(7) }, null)).toBe(true);
    expect(await store.decisionsFor(decision.device, decision.nonce, decision.request)).toEqual([
      { ...decision, time: later(7) },
    ]);
    const seen = {
      key,
      firstSeen: now,
      lastSeen: later(7),
      lastOutcome: 'granted',
      lastReport: null,
      lastTrouble: null,
    };
    expect(await reader.device(decision.device)).toEqual({ ...decision.device, ...seen });
    expect(await reader.device(deviceOf('never seen'))).toBeNull();
  });

  test('one answer per nonce, and one refusal for each request that uses the nonce again', async () => {
    const { store } = opened;
    const device = deviceOf('nonces');
    const answer = decisionOf(device, 'n');
    const second = decisionOf(device, 'n', { request: digestOf('second'), time: later(1) });
    const refusal: DecisionRecord = { ...second, outcome: 'refused', code: 'nonce-reused' };
    expect(await store.appendDecision(answer, null)).toBe(true);
    expect(await store.appendDecision(second, null)).toBe(false);
    expect(await store.appendDecision({ ...second, outcome: 'refused', code: 'claim-expired' }, null)).toBe(false);
    expect(await store.appendDecision(refusal, null)).toBe(true);
    expect(await store.appendDecision({ ...refusal, time: later(2) }, null)).toBe(false);
    expect(await store.decisionsFor(device, answer.nonce, answer.request)).toEqual([answer]);
    expect(await store.decisionsFor(device, answer.nonce, second.request)).toEqual([answer, refusal]);
  });

  test('of ten decisions for one nonce at once exactly one is appended', async () => {
    const { store } = opened;
    const times = Array.from({ length: 10 }, (_, index) => later(index));
    const appended = await Promise.all(
      times.map((time) => store.appendDecision(decisionOf(deviceOf('race'), 'n', { time }), null)),
    );
    expect(appended.filter((done) => done)).toHaveLength(1);
  });

  test('[S9] decisions and reports can neither be changed nor taken away', async () => {
    const { database, store } = opened;
    await store.appendDecision(decisionOf(deviceOf('kept'), 'k'), null);
    await store.appendReport(reportOf(deviceOf('kept'), 1), null);
    for (const table of ['decisions', 'reports'] as const) {
      await expect(database.deleteFrom(table).execute()).rejects.toThrow('append-only');
      await expect(database.updateTable(table).set({ payload: 'x' }).execute()).rejects.toThrow('append-only');
    }
  });

  test('an observation that is seen again is one row with a new last time', async () => {
    const { store, reader } = opened;
    const device = deviceOf('observer');
    const observation = observationOf(device, 'rogue');
    await store.appendDecision(decisionOf(device, 'o1'), observation);
    await store.appendDecision(decisionOf(device, 'o2', { time: later(60) }), observation);
    const mine = (await reader.observations({ organization: acme })).filter(({ serial }) => serial === device.serial);
    expect(mine).toEqual([
      { ...observation, certificate: new Uint8Array(observation.certificate), firstSeen: now, lastSeen: later(60) },
    ]);
    expect(await reader.observations({ organization: parseOrganizationId('rival') })).toEqual([]);
    expect(await reader.observations()).toContainEqual(mine[0]);
  });

  test('a decision that is not appended leaves no observation', async () => {
    const { store, reader } = opened;
    const device = deviceOf('unobserved');
    await store.appendDecision(decisionOf(device, 'u'), null);
    await store.appendDecision(decisionOf(device, 'u'), observationOf(device, 'late'));
    expect((await reader.observations()).filter(({ fingerprint }) => fingerprint === 'late')).toEqual([]);
  });

  test('a device that is shown ever new chains does not fill the disk', async () => {
    const { store, reader } = opened;
    const device = deviceOf('flooder');
    for (let index = 0; index < MAX_OBSERVATIONS_PER_DEVICE + 5; index += 1) {
      const decision = decisionOf(device, `f${index}`, { time: later(index) });
      await store.appendDecision(decision, observationOf(device, `ca ${index}`));
    }
    const mine = (await reader.observations()).filter(({ serial }) => serial === device.serial);
    expect(mine).toHaveLength(MAX_OBSERVATIONS_PER_DEVICE);
    expect(mine.map(({ fingerprint }) => fingerprint)).not.toContain('ca 4');
    expect(mine[0]?.fingerprint).toBe(`ca ${MAX_OBSERVATIONS_PER_DEVICE + 4}`);
  });

  test('[S10] a counter is taken once and never below one taken before', async () => {
    const { store } = opened;
    const device = deviceOf('reporter');
    expect(await store.appendReport(reportOf(device, 5), null)).toBe(true);
    expect(await store.appendReport(reportOf(device, 5, 'other'), null)).toBe(false);
    expect(await store.appendReport(reportOf(device, 4), null)).toBe(false);
    expect(await store.appendReport(reportOf(device, 9), null)).toBe(true);
    expect(await store.appendReport(reportOf(deviceOf('reporter 2'), 1), null)).toBe(true);
    expect(await store.reportOf(device, 5)).toEqual(reportOf(device, 5));
    expect(await store.reportOf(device, 4)).toBeNull();
  });

  test('of ten reports with one counter at once exactly one is stored', async () => {
    const { store } = opened;
    const texts = Array.from({ length: 10 }, (_, index) => `text ${index}`);
    const taken = await Promise.all(
      texts.map((text) => store.appendReport(reportOf(deviceOf('racer'), 1, text), null)),
    );
    expect(taken.filter((done) => done)).toHaveLength(1);
  });

  test('the last report of a device is shown with it', async () => {
    const { store, reader } = opened;
    const device = deviceOf('told');
    await store.pinKey(device, key, now);
    await store.appendReport(reportOf(device, 1), null);
    await store.appendReport({ ...reportOf(device, 2), time: later(30) }, null);
    const { code, ...rest } = reportPayload;
    expect(await reader.device(device)).toMatchObject({
      lastSeen: later(30),
      lastReport: { ...rest, code, counter: 2, time: later(30), profile: null },
    });
    expect(
      (await reader.page({ after: null, limit: 100 })).filter(({ serial }) => serial === device.serial),
    ).toHaveLength(1);
  });

  test('[M7] the last trouble that a device reported stays with it until it reports another', async () => {
    const { store, reader } = opened;
    const device = deviceOf('troubled');
    await store.pinKey(device, key, now);
    const trouble = { code: 'captive', since: later(-500) } as const;
    const told = { ...trouble, until: later(40) };
    await store.appendReport({ ...reportOf(device, 4), time: later(40) }, trouble);
    expect((await reader.device(device))?.lastTrouble).toEqual(told);
    await store.appendReport({ ...reportOf(device, 5), time: later(50) }, null);
    expect(await store.appendReport(reportOf(device, 5), { code: 'no-link', since: later(45) })).toBe(false);
    expect((await reader.device(device))?.lastTrouble).toEqual(told);
    await store.appendReport({ ...reportOf(device, 6), time: later(60) }, { code: 'no-link', since: later(55) });
    const other = { code: 'no-link', since: later(55), until: later(60) };
    expect((await reader.device(device))?.lastTrouble).toEqual(other);
  });

  test('a store that was closed answers nothing', async () => {
    const closing = await openStore(await newDatabase());
    await closing.store.ping();
    await closing.close();
    await expect(closing.store.ping()).rejects.toThrow();
  });

  test('[S13] the management side cannot write device.db', async () => {
    const location = await newDatabase();
    const store = await openDeviceStore(location, 'create');
    const { database, close } = await openDatabase<DeviceDatabase>(location, DEVICE_DATABASE, 'read');
    await expect(sql`delete from devices`.execute(database)).rejects.toMatchObject({ code: 'unreadable' });
    expect(await createDeviceReader(database, close).page({ after: null, limit: 100 })).toEqual([]);
    await close();
    await store.close();
  });
});

import { randomBytes } from 'node:crypto';
import {
  ANSWER_REPEAT_SECONDS,
  digestOf,
  type Envelope,
  encodeEnvelope,
  formatTime,
  parseAnswer,
  parseDecision,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseServiceName,
  unixSeconds,
} from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootstrap } from './bootstrap.ts';
import { QuotaError } from './errors.ts';
import type { StoredProfile } from './store/ports.ts';
import { type DeviceWorld, openDeviceWorld, SERVICE } from './testing/device-world.ts';
import { makeCa, makeDevice, makeLeaf, signPayload, TEST_TIME, type TestDevice } from './testing/test-pki.ts';

const box = makeCa('Box CA');
const own = makeLeaf(makeCa('Private TLS CA'));
let world: DeviceWorld;
let device: TestDevice;
beforeEach(async () => {
  world = await openDeviceWorld([digestOf(own.certificate.publicKey.der)]);
  device = makeDevice('pump-1', world.manufacturer);
});
afterEach(() => world.close());

const decisionIn = (answer: string) => parseDecision(parseAnswer(Buffer.from(answer)).decision.payload, SERVICE);
const newNonce = () => parseNonce(randomBytes(32).toString('base64'));
const behindBox = () => [makeLeaf(box)];

function plantOfAcme(network?: string): StoredProfile {
  const [plant] = world.publish('acme', [{ network: 'plant', cas: [box.certificate] }]);
  world.claim(device.id, 'acme', network === undefined ? {} : { network });
  if (plant === undefined) throw new Error('Nothing was published.');
  return plant;
}

test('behind a registered box: granted, and a device accepts claim and profile', async () => {
  const plant = plantOfAcme();
  const accepted = world.accept(device, await world.ask(device, behindBox()));
  expect(accepted).toMatchObject({
    kind: 'granted',
    profile: { digest: plant.digest },
    claim: { claim: { organization: 'acme' } },
  });
});

test('behind a rogue box: awaiting approval, with the claim, and with nothing to be trusted', async () => {
  plantOfAcme();
  const rogue = makeCa('Box CA');
  const exchange = await world.ask(device, [makeLeaf(rogue), rogue]);
  expect(world.accept(device, exchange)).toMatchObject({ kind: 'awaiting-approval' });
  expect(Object.keys(JSON.parse(exchange.answer))).toEqual(['decision', 'claim']);
  expect(decisionIn(exchange.answer)).toMatchObject({ retryAfterSeconds: 60 });
});

test('after its CA is published the same device is granted', async () => {
  const rogue = makeCa('Box CA');
  plantOfAcme();
  await world.ask(device, [makeLeaf(rogue)]);
  world.publish('acme', [{ network: 'plant', cas: [box.certificate, rogue.certificate] }]);
  expect(world.accept(device, await world.ask(device, [makeLeaf(rogue)]))).toMatchObject({ kind: 'granted' });
});

test('a device that nobody claimed: unclaimed, without a claim', async () => {
  const exchange = await world.ask(device, behindBox());
  expect(world.accept(device, exchange)).toMatchObject({ kind: 'unclaimed' });
  expect(Object.keys(JSON.parse(exchange.answer))).toEqual(['decision']);
});

test('a released device: unclaimed, with the claim that says so', async () => {
  plantOfAcme();
  const { digest } = world.claim(device.id, null);
  expect(world.accept(device, await world.ask(device, behindBox()))).toMatchObject({
    kind: 'unclaimed',
    release: { digest },
  });
});

test("the service's own certificate: not inspected, with the assigned network's profile or without", async () => {
  plantOfAcme();
  expect(world.accept(device, await world.ask(device, [own]))).toMatchObject({ kind: 'not-inspected' });
  const plant = plantOfAcme('plant');
  expect(world.accept(device, await world.ask(device, [own]))).toMatchObject({
    kind: 'not-inspected',
    profile: { digest: plant.digest },
  });
});

test('without a chain: the profile of the assigned network', async () => {
  const plant = plantOfAcme('plant');
  expect(world.accept(device, await world.ask(device, []))).toMatchObject({
    kind: 'granted',
    profile: { digest: plant.digest },
  });
});

test('[D8] a claim that ended: refused, claim-expired; in its last second it still holds', async () => {
  plantOfAcme();
  world.claim(device.id, 'acme', { expires: TEST_TIME });
  expect(world.accept(device, await world.ask(device, behindBox()))).toMatchObject({ kind: 'granted' });
  world.now = unixSeconds(TEST_TIME + 1);
  expect(world.accept(device, await world.ask(device, behindBox()))).toMatchObject({
    kind: 'refused',
    code: 'claim-expired',
  });
});

test('[D17] a profile that ended: refused, profile-expired; in its last second it still holds', async () => {
  plantOfAcme();
  world.publish('acme', [{ network: 'plant', cas: [box.certificate], expires: TEST_TIME }]);
  expect(world.accept(device, await world.ask(device, behindBox()))).toMatchObject({ kind: 'granted' });
  world.now = unixSeconds(TEST_TIME + 1);
  expect(world.accept(device, await world.ask(device, behindBox()))).toMatchObject({
    kind: 'refused',
    code: 'profile-expired',
  });
});

test('a profile of another epoch than the claim is not given: the device would refuse it', async () => {
  plantOfAcme();
  world.publish('acme', [{ network: 'plant', cas: [box.certificate], epoch: 2 }]);
  expect(world.accept(device, await world.ask(device, behindBox()))).toMatchObject({ kind: 'awaiting-approval' });
});

test('what the device holds by digest is left out', async () => {
  const plant = plantOfAcme();
  const claim = world.claim(device.id, 'acme');
  const held = { network: plant.network, epoch: 1, sequence: plant.sequence, digest: plant.digest };
  const holds = { claim: { generation: claim.generation, digest: claim.digest }, profiles: [held] };
  const { answer } = await world.ask(device, behindBox(), { holds });
  expect(Object.keys(JSON.parse(answer))).toEqual(['decision']);
  expect(decisionIn(answer)).toMatchObject({ outcome: 'granted', claim: claim.digest, profile: plant.digest });
  const { answer: second } = await world.ask(device, behindBox(), { holds: { profiles: [held] } });
  expect(Object.keys(JSON.parse(second))).toEqual(['decision', 'claim']);
});

test('before claim or profile end, the device is told to ask again', async () => {
  plantOfAcme();
  world.publish('acme', [{ network: 'plant', cas: [box.certificate], expires: TEST_TIME + 1_000 }]);
  const { answer } = await world.ask(device, behindBox());
  expect(decisionIn(answer).refreshAfterSeconds).toBe(500);
  world.publish('acme', [{ network: 'plant', cas: [box.certificate] }]);
  expect(decisionIn((await world.ask(device, behindBox())).answer).refreshAfterSeconds).toBe(86_400);
});

const refusedBySignature: readonly [string, string, () => Uint8Array | Promise<Uint8Array>][] = [
  ['nothing', 'json', () => new Uint8Array()],
  ['65 537 bytes', 'too-large', () => Buffer.alloc(65_537, ' ')],
  [
    'a device of an unknown manufacturer',
    'signer-untrusted',
    () => world.request(makeDevice('pump-1', makeCa('X')), []),
  ],
  [
    'a self-signed device that was not registered',
    'signer-untrusted',
    () => world.request(makeDevice('pump-1', null), []),
  ],
  [
    'a device certificate that ended',
    'signer-expired',
    () => world.request(makeDevice('pump-1', world.manufacturer, { notAfter: TEST_TIME - 1 }), []),
  ],
];

test.each(refusedBySignature)('[S1] %s: %s, and nothing is signed or stored', async (_, code, body) => {
  await expect(bootstrap(await body(), world.side)).rejects.toMatchObject({ name: 'ProtocolError', code });
  expect(await world.reader.page({ after: null, limit: 100 })).toEqual([]);
});

test('[S1] a payload that was changed on the way: digest-mismatch', async () => {
  const { payload, signature } = JSON.parse(world.request(device, []).toString()) as Envelope;
  const changed = payload.replace(formatTime(world.now), formatTime(unixSeconds(world.now + 1)));
  const body = Buffer.from(encodeEnvelope({ payload: changed, signature }));
  await expect(bootstrap(body, world.side)).rejects.toMatchObject({ code: 'digest-mismatch' });
});

test('[S1] a self-signed device whose key was registered is answered', async () => {
  const maker = makeDevice('home-made', null);
  world.registered.set(maker.keyDigest, maker.id.serial);
  expect(world.accept(maker, await world.ask(maker, []))).toMatchObject({ kind: 'unclaimed' });
});

test('[S2] a registered key under another serial than the registered one: device-mismatch, and nothing is stored', async () => {
  const maker = makeDevice('home-made', null);
  world.registered.set(maker.keyDigest, maker.id.serial);
  const impostor = makeDevice('home-made-2', null, { key: maker.key });
  expect(impostor.keyDigest).toBe(maker.keyDigest);
  await expect(bootstrap(world.request(impostor, []), world.side)).rejects.toMatchObject({ code: 'device-mismatch' });
  expect(await world.reader.page({ after: null, limit: 100 })).toEqual([]);
});

test('[S2] a request in the name of another device: device-mismatch', async () => {
  const other = makeDevice('pump-2', world.manufacturer);
  const body = world.request({ ...device, id: other.id }, []);
  await expect(bootstrap(body, world.side)).rejects.toMatchObject({ code: 'device-mismatch' });
});

test('[S3] a request for another service: service', async () => {
  const body = world.request(device, [], { service: parseServiceName('other.example') });
  await expect(bootstrap(body, world.side)).rejects.toMatchObject({ code: 'service' });
});

test('[S4] another key than the first one: refused, device-key-changed, and the first one goes on', async () => {
  plantOfAcme();
  await world.ask(device, behindBox());
  const clone = makeDevice('pump-1', world.manufacturer);
  const exchange = await world.ask(clone, behindBox());
  expect(decisionIn(exchange.answer)).toMatchObject({ outcome: 'refused', code: 'device-key-changed' });
  expect(Object.keys(JSON.parse(exchange.answer))).toEqual(['decision']);
  expect(world.accept(device, await world.ask(device, behindBox()))).toMatchObject({ kind: 'granted' });
});

test('[S4] the key that the claim names is the one, whoever comes first', async () => {
  plantOfAcme();
  world.claim(device.id, 'acme', { key: device.keyDigest });
  const clone = makeDevice('pump-1', world.manufacturer);
  expect(decisionIn((await world.ask(clone, behindBox())).answer)).toMatchObject({ code: 'device-key-changed' });
  expect(world.accept(device, await world.ask(device, behindBox()))).toMatchObject({ kind: 'granted' });
  expect(await world.reader.keyOf(device.id)).toBe(device.keyDigest);
});

test('[S5] the same request within 5 minutes gets the same decision', async () => {
  plantOfAcme();
  const body = world.request(device, behindBox());
  const first = await bootstrap(body, world.side);
  world.now = unixSeconds(TEST_TIME + ANSWER_REPEAT_SECONDS - 1);
  expect(await bootstrap(body, world.side)).toEqual(first);
});

test('[S5] the same request after 5 minutes: refused, nonce-reused; the refusal is repeated and nothing grows', async () => {
  plantOfAcme();
  const body = world.request(device, behindBox());
  await bootstrap(body, world.side);
  world.now = unixSeconds(TEST_TIME + ANSWER_REPEAT_SECONDS);
  const refusal = await bootstrap(body, world.side);
  expect(decisionIn(refusal.body)).toMatchObject({ outcome: 'refused', code: 'nonce-reused' });
  world.now = unixSeconds(TEST_TIME + 100_000);
  expect(await bootstrap(body, world.side)).toEqual(refusal);
});

test('[S5] a second request with the same nonce: refused, nonce-reused', async () => {
  plantOfAcme();
  const nonce = newNonce();
  await world.ask(device, behindBox(), { nonce });
  const exchange = await world.ask(device, behindBox(), { nonce, agent: { version: '0.2.0', stores: [] } });
  expect(world.accept(device, exchange)).toMatchObject({ kind: 'refused', code: 'nonce-reused' });
});

test('[S5] the same request many times at once has one answer', async () => {
  plantOfAcme();
  const body = world.request(device, behindBox());
  const settled = await Promise.allSettled(Array.from({ length: 5 }, () => bootstrap(body, world.side)));
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.body] : []));
  expect(new Set(answers).size).toBe(1);
  expect(new Set([...answers, (await bootstrap(body, world.side)).body]).size).toBe(1);
});

test("[S6] a profile of another organization than the claim's is never answered: inconsistent", async () => {
  plantOfAcme();
  const leak = world.publish('rival', [{ network: 'lab', cas: [box.certificate] }]);
  const management = { ...world.side.management, profilesOf: async () => leak };
  const asked = bootstrap(world.request(device, behindBox()), { ...world.side, management });
  await expect(asked).rejects.toMatchObject({ name: 'StoreError', code: 'inconsistent' });
});

test('[S6] what the request holds of another organization changes nothing', async () => {
  const plant = plantOfAcme();
  const [lab] = world.publish('rival', [{ network: 'lab', cas: [box.certificate] }]);
  const held = lab && { network: lab.network, epoch: 1, sequence: lab.sequence, digest: lab.digest };
  const holds = { claim: { generation: 9, digest: digestOf('a claim of rival') }, profiles: held ? [held] : [] };
  const accepted = world.accept(device, await world.ask(device, behindBox(), { holds }));
  expect(accepted).toMatchObject({ kind: 'granted', profile: { digest: plant.digest } });
});

test('[S8] what was presented to a claimed device and matched no CA is recorded, and is trusted by nobody', async () => {
  plantOfAcme();
  const rogue = makeCa('Rogue CA');
  await world.ask(device, [makeLeaf(rogue), rogue]);
  expect(await world.reader.observations()).toMatchObject([
    { organization: 'acme', ...device.id, issuer: 'CN=Rogue CA', topIsCa: true, firstSeen: TEST_TIME },
  ]);
  world.now = unixSeconds(TEST_TIME + 60);
  expect(world.accept(device, await world.ask(device, [makeLeaf(rogue), rogue]))).toMatchObject({
    kind: 'awaiting-approval',
  });
  expect(await world.reader.observations()).toMatchObject([{ firstSeen: TEST_TIME, lastSeen: TEST_TIME + 60 }]);
});

test('what was presented to a device that nobody claimed, or by a registered box, is not recorded', async () => {
  await world.ask(device, [makeLeaf(makeCa('Rogue CA'))]);
  plantOfAcme();
  await world.ask(device, behindBox());
  await world.ask(device, [own]);
  await world.ask(device, []);
  expect(await world.reader.observations()).toEqual([]);
});

test('[S9] a decision is appended before it is answered, as it is answered', async () => {
  const plant = plantOfAcme();
  const nonce = newNonce();
  const { body, answer } = await world.ask(device, behindBox(), { nonce });
  const request = digestOf((JSON.parse(Buffer.from(body).toString()) as Envelope).payload);
  const { decision } = JSON.parse(answer) as { decision: Envelope };
  expect(await world.side.store.decisionsFor(device.id, nonce, request)).toMatchObject([
    {
      time: TEST_TIME,
      outcome: 'granted',
      organization: 'acme',
      network: 'plant',
      profile: plant.digest,
      envelope: decision,
    },
  ]);
});

test('[S9] a decision that cannot be appended is not answered', async () => {
  plantOfAcme();
  const appendDecision = async () => {
    throw new Error('planted: the disk is full');
  };
  const store = { ...world.side.store, appendDecision };
  await expect(bootstrap(world.request(device, behindBox()), { ...world.side, store })).rejects.toThrow('planted');
});

test('[S9] claims and profiles are served as they were signed', async () => {
  const plant = plantOfAcme();
  const claim = world.claim(device.id, 'acme');
  const answer = JSON.parse((await world.ask(device, behindBox())).answer);
  expect(answer).toMatchObject({ claim: claim.envelope, profile: plant.envelope });
});

test('the record of a decision tells the owner also where the decision does not', async () => {
  plantOfAcme();
  world.claim(device.id, 'acme', { expires: TEST_TIME - 1 });
  const nonce = newNonce();
  const { body } = await world.ask(device, behindBox(), { nonce });
  const request = digestOf((JSON.parse(Buffer.from(body).toString()) as Envelope).payload);
  expect(await world.side.store.decisionsFor(device.id, nonce, request)).toMatchObject([
    { outcome: 'refused', code: 'claim-expired', organization: parseOrganizationId('acme') },
  ]);
});

test('a responder that cannot sign: no answer, and the request can be sent again', async () => {
  plantOfAcme();
  const sign = async () => {
    throw new Error('planted: the token is locked');
  };
  const body = world.request(device, behindBox());
  await expect(bootstrap(body, { ...world.side, responder: { ...world.side.responder, sign } })).rejects.toThrow(
    'planted',
  );
  expect((await bootstrap(body, world.side)).outcome).toBe('granted');
});

test('a request signed by the service itself, or of another type, is none', async () => {
  const body = Buffer.from(encodeEnvelope(signPayload(world.responder, '{"type":"report","version":1}')));
  await expect(bootstrap(body, world.side)).rejects.toMatchObject({ code: 'type' });
});

test('a device of two networks is told the one it is behind', async () => {
  const second = makeCa('Second CA');
  world.publish('acme', [
    { network: 'plant', cas: [box.certificate] },
    { network: 'office', cas: [second.certificate] },
  ]);
  world.claim(device.id, 'acme', { network: 'plant' });
  const accepted = world.accept(device, await world.ask(device, [makeLeaf(second)]));
  expect(accepted).toMatchObject({ kind: 'granted', decision: { network: parseNetworkId('office') } });
});

test('a device above its quota gets nothing new and makes nothing grow; what it was answered is repeated', async () => {
  plantOfAcme();
  let left = 1;
  const quota = () => {
    if (left-- <= 0) throw new QuotaError(5);
  };
  const side = { ...world.side, quota };
  const first = world.request(device, behindBox());
  const { body } = await bootstrap(first, side);
  await expect(bootstrap(world.request(device, behindBox()), side)).rejects.toThrow(QuotaError);
  expect((await bootstrap(first, side)).body).toBe(body);
});

test('a recorded request that somebody sends again later changes nothing of what is shown of the device', async () => {
  plantOfAcme();
  const body = world.request(device, behindBox());
  await bootstrap(body, world.side);
  const before = await world.reader.device(device.id);
  world.now = unixSeconds(world.now + ANSWER_REPEAT_SECONDS);
  expect(await bootstrap(body, world.side)).toMatchObject({ outcome: 'refused' });
  expect(await world.reader.device(device.id)).toEqual(before);
});

// The key that a manifest gives a device, on the device side: it counts like the claim's.
import { parseAnswer, parseDecision } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DeviceWorld, type Exchange, openDeviceWorld, SERVICE } from './testing/device-world.ts';
import { makeCa, makeDevice, makeLeaf, type TestDevice } from './testing/test-pki.ts';

const box = makeCa('Box CA');
const chain = [makeLeaf(box)];
let world: DeviceWorld;
let device: TestDevice;
let clone: TestDevice;

beforeEach(async () => {
  world = await openDeviceWorld();
  device = makeDevice('pump-1', world.manufacturer);
  clone = makeDevice('pump-1', world.manufacturer);
  world.publish('acme', [{ network: 'plant', cas: [box.certificate] }]);
  world.manifest(device.id, device.keyDigest);
});
afterEach(() => world.close());

const decisionIn = ({ answer }: Exchange) => parseDecision(parseAnswer(Buffer.from(answer)).decision.payload, SERVICE);

test('[S4] the key that a manifest gives is the one, before the device is claimed and after, whoever comes first', async () => {
  const refused = { outcome: 'refused', code: 'device-key-changed' };
  expect(decisionIn(await world.ask(clone, chain))).toMatchObject(refused);
  expect(decisionIn(await world.ask(device, chain))).toMatchObject({ outcome: 'unclaimed' });
  world.claim(device.id, 'acme');
  expect(decisionIn(await world.ask(clone, chain))).toMatchObject(refused);
  expect(world.accept(device, await world.ask(device, chain))).toMatchObject({ kind: 'granted' });
});

test('[S4] it goes over a key that was pinned before the manifest came', async () => {
  const other = makeDevice('pump-2', world.manufacturer);
  const impostor = makeDevice('pump-2', world.manufacturer);
  expect(decisionIn(await world.ask(impostor, chain))).toMatchObject({ outcome: 'unclaimed' });
  world.manifest(other.id, other.keyDigest);
  expect(decisionIn(await world.ask(other, chain))).toMatchObject({ outcome: 'unclaimed' });
  expect(decisionIn(await world.ask(impostor, chain))).toMatchObject({ code: 'device-key-changed' });
});

test('[S4] the key of a claim goes over that of a manifest', async () => {
  world.claim(device.id, 'acme', { key: clone.keyDigest });
  expect(decisionIn(await world.ask(device, chain))).toMatchObject({ code: 'device-key-changed' });
  expect(world.accept(clone, await world.ask(clone, chain))).toMatchObject({ kind: 'granted' });
});

// Which revocation lists an answer carries: real lists in a real file, and devices that check what they get.
import { MAX_BODY_BYTES, parseAnswer, unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootstrap } from './bootstrap.ts';
import { newServiceSigner } from './signer/forms.ts';
import { type Accepted, type DeviceWorld, type Exchange, openDeviceWorld, SERVICE } from './testing/device-world.ts';
import { makeCa, makeDevice, makeLeaf, TEST_TIME, type TestDevice } from './testing/test-pki.ts';

const box = makeCa('Box CA');
let world: DeviceWorld;
let device: TestDevice;
beforeEach(async () => {
  world = await openDeviceWorld();
  device = makeDevice('pump-1', world.manufacturer);
  world.publish('acme', [{ network: 'plant', cas: [box.certificate] }]);
  world.claim(device.id, 'acme');
});
afterEach(() => world.close());

const behindBox = () => [makeLeaf(box)];
const newSigner = (role: 'responder' | 'claim-authority') =>
  newServiceSigner(role, world.anchor, SERVICE, unixSeconds(TEST_TIME));
const listsIn = (answer: string) => parseAnswer(Buffer.from(answer)).revocations ?? [];
const inForce = () => world.lists.map(({ crl }) => new Uint8Array(crl.der));
/** The request of a device that implements revocation and holds the list with this number, or none. */
const holding = (number?: number) => ({
  holds: {
    profiles: [],
    revocations: world.lists.flatMap(({ anchor }) => (number === undefined ? [] : [{ anchor, number }])),
  },
});

/** The responder is stolen and revoked, and another one signs. */
function replaceResponder() {
  const stolen = world.responder;
  world.responder = newSigner('responder');
  world.revoke(stolen.certificate);
  return stolen;
}

test('[S14] a device gets the list once: who names none, or an older one; not who has it; and who does not ask, never', async () => {
  const numberOf = async (number?: number) =>
    listsIn((await world.ask(device, behindBox(), holding(number))).answer).length;
  expect(await numberOf()).toBe(0);
  replaceResponder();
  world.revoke(newSigner('responder').certificate);
  expect(world.lists[0]?.number).toBe(2);
  expect(listsIn((await world.ask(device, behindBox(), holding())).answer)).toEqual(inForce());
  expect(await numberOf(1)).toBe(1);
  expect(await numberOf(2)).toBe(0);
  expect(await numberOf(3)).toBe(0);
  expect(Object.keys(JSON.parse((await world.ask(device, behindBox())).answer))).not.toContain('revocations');
});

test('[S14] it comes with every outcome, and is accepted', async () => {
  replaceResponder();
  const outcomes: string[] = [];
  const ask = async (asking: TestDevice, chain = behindBox()) => {
    const exchange = await world.ask(asking, chain, holding());
    expect(listsIn(exchange.answer)).toHaveLength(1);
    const { kind, floors } = world.accept(asking, exchange);
    expect(floors.revocations).toEqual(inForce().map((der) => Buffer.from(der).toString('base64')));
    outcomes.push(kind);
  };
  await ask(device);
  await ask(device, [makeLeaf(makeCa('Rogue CA'))]);
  await ask(makeDevice('nobodys', world.manufacturer));
  world.claim(device.id, null);
  await ask(device);
  await ask(makeDevice('pump-1', world.manufacturer));
  expect(outcomes).toEqual(['granted', 'awaiting-approval', 'unclaimed', 'unclaimed', 'refused']);
});

test('[S14] what a stolen responder signs afterwards is refused, with the list or without', async () => {
  const stolen = replaceResponder();
  const { floors } = world.accept(device, await world.ask(device, behindBox(), holding()));
  world.responder = stolen;
  const forged = await world.ask(device, behindBox(), holding(1));
  expect(listsIn(forged.answer)).toEqual([]);
  expect(() => world.accept(device, forged, { floors })).toThrow(expect.objectContaining({ code: 'signer-revoked' }));
  expect(world.accept(device, forged)).toMatchObject({ kind: 'granted' });
});

test('[S14] the claim of a revoked authority: no list, until the claim is signed anew; then both at once', async () => {
  const { envelope, digest, generation } = world.claim(device.id, 'acme');
  world.revoke(world.claimAuthority.certificate);
  const holds = { ...holding().holds, claim: { generation, digest } };
  const before: Accepted = { held: { claim: envelope, profiles: [] } };
  const whole = await world.ask(device, behindBox(), holding());
  const byDigest = await world.ask(device, behindBox(), { holds });
  const { floors } = world.accept(device, whole);
  world.accept(device, byDigest, { ...before, floors });
  expect([whole, byDigest].flatMap(({ answer }) => listsIn(answer))).toEqual([]);
  world.claimAuthority = newSigner('claim-authority');
  renewClaim();
  const after = await world.ask(device, behindBox(), { holds });
  expect(listsIn(after.answer)).toHaveLength(1);
  expect(world.accept(device, after, { ...before, floors })).toMatchObject({ kind: 'granted' });
});

/** In place of the management side. */
function renewClaim(): void {
  world.claim(device.id, 'acme', { ownership: 2 });
}

test('[S14] nor where the answer names no claim: the next one would, and the device had the list then', async () => {
  world.publish('acme', [{ network: 'plant', cas: [box.certificate], expires: TEST_TIME - 1 }]);
  world.revoke(world.claimAuthority.certificate);
  const exchange = await world.ask(device, behindBox(), holding());
  expect(world.accept(device, exchange)).toMatchObject({ kind: 'refused', code: 'profile-expired' });
  expect(listsIn(exchange.answer)).toEqual([]);
});

test('[S14] a claim that ended is given to nobody, and keeps no list back', async () => {
  world.claim(device.id, 'acme', { expires: TEST_TIME - 1 });
  world.revoke(world.claimAuthority.certificate);
  const exchange = await world.ask(device, behindBox(), holding());
  expect(world.accept(device, exchange)).toMatchObject({ kind: 'refused', code: 'claim-expired' });
  expect(listsIn(exchange.answer)).toHaveLength(1);
});

test('[S14] a decision that is repeated has no list that would refuse its responder', async () => {
  const body = world.request(device, behindBox(), holding());
  const first = await bootstrap(body, world.side);
  replaceResponder();
  const again: Exchange = { body, answer: (await bootstrap(body, world.side)).body };
  expect(again.answer).toBe(first.body);
  expect(world.accept(device, again)).toMatchObject({ kind: 'granted' });
});

test('[S14] nor one when the claim that it names, which the device has, was signed anew since', async () => {
  const { envelope, digest, generation } = world.claim(device.id, 'acme');
  const holds = { ...holding().holds, claim: { generation, digest } };
  const before: Accepted = { held: { claim: envelope, profiles: [] } };
  const body = world.request(device, behindBox(), { holds });
  await bootstrap(body, world.side);
  world.revoke(world.claimAuthority.certificate);
  world.claimAuthority = newSigner('claim-authority');
  renewClaim();
  const again: Exchange = { body, answer: (await bootstrap(body, world.side)).body };
  expect(listsIn(again.answer)).toEqual([]);
  expect(world.accept(device, again, before)).toMatchObject({ kind: 'granted' });
});

test('[F1] [S14] a list for which a large profile leaves no room comes with the next answer', async () => {
  const stolen = Array.from({ length: 400 }, () => newSigner('responder').certificate);
  world.revoke(...stolen);
  const cas = Array.from({ length: 16 }, (_, index) => makeCa(`Box ${index} ${'x'.repeat(850)}`));
  const [plant] = world.publish('acme', [{ network: 'plant', cas: cas.map(({ certificate }) => certificate) }]);
  const chain = () => cas.slice(0, 1).map((ca) => makeLeaf(ca));
  const first = await world.ask(device, chain(), holding());
  expect(Buffer.byteLength(first.answer)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  expect(listsIn(first.answer)).toEqual([]);
  expect(world.accept(device, first)).toMatchObject({ kind: 'granted' });
  if (plant === undefined) throw new Error('Nothing was published.');
  const profiles = [{ network: plant.network, epoch: 1, sequence: plant.sequence, digest: plant.digest }];
  const second = await world.ask(device, chain(), { holds: { ...holding().holds, profiles } });
  expect(listsIn(second.answer)).toHaveLength(1);
});

// Label proofs on the side of the service: who is told what to prove, what is refused without, what becomes of a proof when publishers or
// owners change. The devices here have the code of their label and check what real ones check.
import { digestOf, parseClaim, parseOrganizationId, parseSerial } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_WRONG_CODES } from './claim-attempts.ts';
import { addClaim, releaseClaim } from './claims.ts';
import { endingSentences, listEndings } from './endings.ts';
import { runJobs } from './job-runner.ts';
import { listJobs } from './jobs.ts';
import { askKillSwitch } from './kill-switch.ts';
import { addNetwork } from './networks.ts';
import { claimOrder } from './order-claims.ts';
import { placeDevice } from './placement.ts';
import { publishProfile } from './profiles.ts';
import { addPublisher, listPublishers, removePublisher } from './publishers.ts';
import { admin, approverOf, installClaimAuthority, opensslCertificate, SERVICE } from './testing/management-fixture.ts';
import {
  claimBy,
  hashOfCode,
  importRows,
  memberOf,
  newPublicKey,
  proofBy,
  termsAsked,
} from './testing/manifest-fixture.ts';
import {
  keyText,
  type OrganizationWorld,
  openOrganizationWorld,
  trustedBy,
  type WorldDevice,
} from './testing/organization-world.ts';
import type { TestEntity } from './testing/test-pki.ts';
import { acceptTransfer, offerTransfer } from './transfers.ts';
import { listUnproved, proveClaim } from './unproved-claims.ts';

const CODE = '7K3M-9QXT-2B5D-8FHJ-4NPR-6STV-WY';
const OTHER_CODE = '7K3M-9QXT-2B5D-8FHJ-4NPR-6STV-WZ';
const acme = approverOf('acme');
const installer = memberOf('acme', 'installer');

let world: OrganizationWorld;
let plant: { readonly ca: TestEntity; readonly chain: readonly TestEntity[] };
let device: WorldDevice;

beforeEach(async () => {
  world = await openOrganizationWorld();
  plant = await world.organization('acme');
  device = await world.labelled('L-1', CODE);
});
afterEach(() => world.close());

const management = () => world.fixture.management;
const terms = () => termsAsked(claimBy(world.fixture, installer, 'L-1', CODE));
const unproved = async () => (await listUnproved(management(), 'acme')).items;
const lastJob = async () => (await listJobs(management(), { organization: 'acme' })).items[0];
const proveTerms = () => termsAsked(proveClaim(management(), installer, { serial: 'L-1' }));

async function claim() {
  const labelProof = proofBy(CODE, await terms());
  return claimBy(world.fixture, installer, 'L-1', CODE, { network: 'plant', labelProof });
}

async function prove() {
  return proveClaim(management(), installer, { serial: 'L-1', labelProof: proofBy(CODE, await proveTerms()) });
}

async function stored(serial = 'L-1') {
  const [row] = await management().store.tables.claims.withSerial(parseSerial(serial));
  return row === undefined ? null : parseClaim(row.envelope.payload, SERVICE);
}

describe('claiming a device that takes no claim without a proof [S30]', () => {
  test('whoever has the code is told what to prove, and the device takes the claim that is made with it', async () => {
    const asked = await terms();
    const [hosted] = (await listPublishers(management(), { organization: 'acme' })).items;
    expect(asked).toMatchObject({ service: SERVICE, serial: 'L-1', organization: 'acme', ownership: 1 });
    expect(asked.publishers).toHaveLength(1);
    expect(hosted?.state).toBe('active');
    expect(await stored()).toBeNull();
    expect(await claim()).toMatchObject({ serial: 'L-1', organization: 'acme', ownership: 1 });
    expect(trustedBy(await world.contact(device, plant.chain))).toEqual([keyText(plant.ca)]);
    expect(await unproved()).toEqual([]);
  });

  test('who asks for the terms with a right code uses up no attempt; a wrong code is told nothing and counts', async () => {
    for (let count = 0; count < MAX_WRONG_CODES.device + 2; count++) await terms();
    const wrong = () => claimBy(world.fixture, installer, 'L-1', OTHER_CODE);
    for (let count = 0; count < MAX_WRONG_CODES.device; count++)
      await expect(wrong()).rejects.toMatchObject({ code: 'claim-refused' });
    await expect(wrong()).rejects.toMatchObject({ code: 'rate-limited' });
  });

  test('a stranger with a wrong code cannot tell it from a device that does not exist, and is told no terms', async () => {
    await world.organization('rival');
    const stranger = memberOf('rival', 'installer');
    const said = async (serial: string) => {
      const refused = claimBy(world.fixture, stranger, serial, OTHER_CODE).catch((cause: Error) => cause);
      return JSON.stringify({ ...(await refused) }) + String(await refused);
    };
    expect(await said('L-1')).toBe(await said('L-9'));
    expect(await said('L-1')).toMatch(/"code":"claim-refused"/);
    expect(await said('L-1')).not.toMatch(/terms|publishers/);
  });

  test("the service's operator is told the terms and needs the proof too, for an order each its own", async () => {
    const asked = { serial: 'L-1', organization: 'acme', network: 'plant' };
    const labelProof = proofBy(CODE, await termsAsked(addClaim(management(), admin, asked)));
    await importRows(world.fixture, [
      {
        serial: 'O-1',
        publicKey: newPublicKey(),
        orderNumber: 'PO',
        claimCodeHash: hashOfCode(CODE),
        labelProof: 'yes',
      },
      { serial: 'O-2', publicKey: newPublicKey(), orderNumber: 'PO' },
    ]);
    const order = { order: 'PO', organization: 'acme' };
    expect(await claimOrder(management(), admin, order)).toEqual({ claimed: ['O-2'], more: false, unproved: 1 });
    expect(await claimOrder(management(), admin, order)).toEqual({ claimed: [], more: false, unproved: 1 });
    expect(await stored('O-1')).toBeNull();
    await addClaim(management(), admin, { ...asked, labelProof });
    expect((await world.contact(device, plant.chain)).kind).toBe('granted');
  });

  test('a proof that was made before the publishers changed is refused, and the new terms are told', async () => {
    const labelProof = proofBy(CODE, await terms());
    await addPublisher(management(), acme, { organization: 'acme' });
    const late = claimBy(world.fixture, installer, 'L-1', CODE, { labelProof });
    const now = await termsAsked(late);
    expect(now.publishers).toHaveLength(2);
    await expect(late).rejects.toThrow(/changed while the label proof was made/);
    const other = { ...labelProof, publishers: now.publishers, ownership: 2 };
    await termsAsked(claimBy(world.fixture, installer, 'L-1', CODE, { labelProof: other }));
  });

  test('a device that needs no proof gets no claim with one: it would refuse it', async () => {
    const usual = await world.claimed('SN-9', 'acme');
    const labelProof = proofBy(CODE, await terms());
    await expect(proveClaim(management(), installer, { serial: 'SN-9', labelProof })).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(proveClaim(management(), installer, { serial: 'SN-9' })).rejects.toThrow(/takes no label proof/);
    await expect(
      addClaim(management(), admin, { serial: 'SN-10', organization: 'acme', manufacturer: 'maker', labelProof }),
    ).rejects.toMatchObject({ code: 'invalid-request' });
    expect((await world.contact(usual, plant.chain)).kind).toBe('granted');
  });

  test('a proof by another code is a claim that the device refuses, until somebody makes the right one', async () => {
    const labelProof = proofBy(OTHER_CODE, await terms());
    await claimBy(world.fixture, installer, 'L-1', CODE, { labelProof, network: 'plant' });
    await expect(world.contact(device, plant.chain)).rejects.toMatchObject({ code: 'label-proof' });
    await prove();
    expect((await world.contact(device, plant.chain)).kind).toBe('granted');
  });
});

describe('when publishers change [S30]', () => {
  beforeEach(async () => {
    await claim();
    await world.contact(device, plant.chain);
  });

  test('the claim is signed anew with its proof as long as they do not; on another network too', async () => {
    await addNetwork(management(), acme, { organization: 'acme', name: 'office' });
    const before = await stored();
    await placeDevice(management(), acme, { serial: 'L-1', network: 'office' });
    await askKillSwitch(management(), acme, { organization: 'acme', reason: 'r', all: true });
    await runJobs(management());
    expect(await stored()).toMatchObject({ generation: 3, epoch: 2, labelProof: before?.labelProof });
    expect((await world.contact(device, [])).kind).not.toBe('granted');
    expect(await lastJob()).toMatchObject({ state: 'done', note: null });
  });

  test('a job waits for a proof with the new publisher, says who must do what, and nothing is signed under it before', async () => {
    const usual = await world.claimed('SN-9', 'acme');
    await addPublisher(management(), acme, { organization: 'acme' });
    await runJobs(management());
    expect(await lastJob()).toMatchObject({
      state: 'waiting',
      note: expect.stringMatching(/^1 device\(s\) need a label proof .*"windlass claim prove"/),
    });
    await runJobs(management());
    expect(await lastJob()).toMatchObject({ state: 'waiting' });
    expect(await unproved()).toMatchObject([{ serial: 'L-1', manufacturer: 'maker', why: 'publishers' }]);
    expect((await listEndings(management(), 'acme')).items).toMatchObject([
      { what: 'proofs', count: 1, who: 'organization', sentence: expect.stringMatching(/^1 device\(s\) of acme/) },
    ]);
    expect(await endingSentences(management())).toEqual([
      expect.stringMatching(/^1 device\(s\) wait for a label proof/),
    ]);
    await expect(placeDevice(management(), acme, { serial: 'L-1', network: 'plant' })).resolves.toBeDefined();
    // Under the publisher before, so that both get it.
    await publishProfile(management(), acme, { organization: 'acme', network: 'plant', force: true });
    for (const each of [device, usual]) expect((await world.contact(each, plant.chain)).kind).toBe('granted');

    expect((await proveTerms()).publishers).toHaveLength(2);
    expect(await prove()).toMatchObject({ ownership: 1, generation: 2 });
    await runJobs(management());
    expect(await lastJob()).toMatchObject({ state: 'done', note: null });
    expect(await unproved()).toEqual([]);
    expect(await endingSentences(management())).toEqual([]);
    await publishProfile(management(), acme, { organization: 'acme', network: 'plant', force: true });
    for (const each of [device, usual]) expect((await world.contact(each, plant.chain)).kind).toBe('granted');
  });

  test('publishers that change back are covered by the proof from before: nobody needs the label', async () => {
    await addPublisher(management(), acme, { organization: 'acme' });
    await runJobs(management());
    await prove();
    await runJobs(management());
    const [, added] = (await listPublishers(management(), { organization: 'acme' })).items;
    await removePublisher(management(), acme, { organization: 'acme', fingerprint: added?.fingerprint ?? '' });
    await runJobs(management());
    expect(await lastJob()).toMatchObject({ state: 'done', note: null });
    expect(await unproved()).toEqual([]);
    expect(await stored()).toMatchObject({ generation: 3, publishers: [expect.anything()] });
    expect((await world.contact(device, plant.chain)).kind).toBe('granted');
  });

  test('publishers that change back at once: the proof from before is enough to move the device, and for the jobs', async () => {
    await addNetwork(management(), acme, { organization: 'acme', name: 'office' });
    await addPublisher(management(), acme, { organization: 'acme' });
    await runJobs(management());
    await prove();
    const [, added] = (await listPublishers(management(), { organization: 'acme' })).items;
    await removePublisher(management(), acme, { organization: 'acme', fingerprint: added?.fingerprint ?? '' });
    await placeDevice(management(), acme, { serial: 'L-1', network: 'office' });
    expect(await stored()).toMatchObject({ generation: 3, publishers: [expect.anything()] });
    expect((await world.contact(device, plant.chain)).kind).toBe('granted');
  });

  test('a device whose claim ends while it waits holds the job up no longer, and is still said to wait', async () => {
    await addPublisher(management(), acme, { organization: 'acme' });
    await runJobs(management());
    expect(await lastJob()).toMatchObject({ state: 'waiting' });
    world.fixture.advance(731 * 86_400);
    installClaimAuthority(world.fixture);
    await runJobs(management());
    expect(await lastJob()).toMatchObject({ state: 'done', note: null });
    expect(await unproved()).toMatchObject([{ serial: 'L-1', why: 'publishers' }]);
  });

  test('a device that waits is not moved to another network: the claim could not be signed', async () => {
    await addNetwork(management(), acme, { organization: 'acme', name: 'office' });
    await addPublisher(management(), acme, { organization: 'acme' });
    await runJobs(management());
    await termsAsked(placeDevice(management(), acme, { serial: 'L-1', network: 'office' }));
  });

  test('a publisher that is taken out: until the proof the device keeps what it has', async () => {
    const [first] = (await listPublishers(management(), { organization: 'acme' })).items;
    await addPublisher(management(), acme, { organization: 'acme' });
    await runJobs(management());
    await prove();
    await runJobs(management());
    await publishProfile(management(), acme, { organization: 'acme', network: 'plant', force: true });
    await removePublisher(management(), acme, { organization: 'acme', fingerprint: first?.fingerprint ?? '' });
    await runJobs(management());
    expect(await unproved()).toHaveLength(1);
    expect((await world.contact(device, plant.chain)).kind).toBe('granted');
    await prove();
    await runJobs(management());
    expect(await lastJob()).toMatchObject({ state: 'done' });
    expect((await stored())?.publishers).toHaveLength(1);
    expect((await world.contact(device, plant.chain)).kind).toBe('granted');
  });

  test('a kill switch with new publishers does not wait; the device follows with the proof', async () => {
    await askKillSwitch(management(), acme, { organization: 'acme', reason: 'stolen', newPublisher: true });
    await runJobs(management());
    expect(await lastJob()).toMatchObject({ state: 'done', note: expect.stringMatching(/^1 device\(s\) need/) });
    expect(await unproved()).toMatchObject([{ serial: 'L-1', why: 'publishers' }]);
    expect((await stored())?.epoch).toBe(1);
    await prove();
    expect((await stored())?.epoch).toBe(2);
    expect(await unproved()).toEqual([]);
    expect(trustedBy(await world.contact(device, plant.chain))).toEqual([keyText(plant.ca)]);
  });

  test('while a kill switch waits for the signatures of an own publisher, proofs for its epoch are taken', async () => {
    const own = opensslCertificate({ commonName: 'Acme publisher CA' });
    const [hosted] = (await listPublishers(management(), { organization: 'acme' })).items;
    await addPublisher(management(), acme, { organization: 'acme', certificate: own.pem });
    await runJobs(management());
    await prove();
    await runJobs(management());
    expect(hosted).toBeDefined();
    const { tables } = management().store;
    const [anchor] = await tables.publishers.of(parseOrganizationId('acme'));
    if (anchor === undefined) throw new Error('There is no publisher.');
    const next = opensslCertificate({ commonName: 'Next acme publisher CA' });
    await askKillSwitch(management(), acme, { organization: 'acme', reason: 'stolen', certificate: next.pem });
    // Nothing is signed by the service in the next epoch.
    await tables.publishers.endAt(anchor, 2);
    await runJobs(management());
    expect(await lastJob()).toMatchObject({
      state: 'waiting',
      note: expect.stringMatching(/signs its profiles itself.* 1 device\(s\) need a label proof/),
    });
    const before = await stored();
    await prove();
    expect(await stored()).toEqual(before);
    expect(await unproved()).toEqual([]);
    await runJobs(management());
    expect((await lastJob())?.note).not.toMatch(/label proof/);
  });
});

describe('when the owner changes [S30]', () => {
  beforeEach(async () => {
    await claim();
    await world.contact(device, plant.chain);
  });

  test('a release needs no proof; who comes next needs one for the ownership after it', async () => {
    await releaseClaim(management(), acme, { serial: 'L-1' });
    expect(await stored()).not.toHaveProperty('labelProof');
    expect((await world.contact(device, plant.chain)).kind).toBe('unclaimed');
    const again = { serial: 'L-1', organization: 'acme', network: 'plant' };
    const asked = await termsAsked(addClaim(management(), admin, again));
    expect(asked.ownership).toBe(3);
    await addClaim(management(), admin, { ...again, labelProof: proofBy(CODE, asked) });
    expect((await world.contact(device, plant.chain)).kind).toBe('granted');
  });

  test('whom it is offered to is told what to prove, for itself; nobody else is', async () => {
    const { chain } = await world.organization('rival');
    const rival = approverOf('rival');
    const { id } = await offerTransfer(management(), acme, { serial: 'L-1', to: 'rival' });
    await world.organization('third');
    await expect(acceptTransfer(management(), approverOf('third'), { id })).rejects.toMatchObject({
      code: 'not-found',
    });
    const asked = await termsAsked(acceptTransfer(management(), rival, { id, network: 'plant' }));
    expect(asked).toMatchObject({ organization: 'rival', ownership: 2, serial: 'L-1' });
    await acceptTransfer(management(), rival, { id, network: 'plant', labelProof: proofBy(CODE, asked) });
    expect((await world.contact(device, chain)).kind).toBe('granted');
  });

  test('another organization proves nothing of the device', async () => {
    await world.organization('rival');
    const stranger = memberOf('rival', 'installer');
    await expect(proveClaim(management(), stranger, { serial: 'L-1' })).rejects.toMatchObject({ code: 'not-found' });
    expect((await listUnproved(management(), 'rival')).items).toEqual([]);
  });
});

test('a device that was claimed before its manifest came waits for its proof, and holds up no change of publishers [S30]', async () => {
  const early = await world.claimed('E-1', 'acme');
  const publicKey = Buffer.from(early.device.certificate.publicKey.der).toString('base64');
  await importRows(world.fixture, [{ serial: 'E-1', publicKey, claimCodeHash: hashOfCode(CODE), labelProof: 'yes' }]);
  expect(await unproved()).toMatchObject([{ serial: 'E-1', why: 'missing' }]);
  await claim();
  await addPublisher(management(), acme, { organization: 'acme' });
  await runJobs(management());
  expect(await lastJob()).toMatchObject({ state: 'waiting', note: expect.stringMatching(/^1 device/) });
  await prove();
  await runJobs(management());
  expect(await lastJob()).toMatchObject({ state: 'done' });
  const anew = await stored('E-1');
  expect(anew).toMatchObject({ generation: 2, publishers: [expect.anything(), expect.anything()] });
  expect(anew).not.toHaveProperty('labelProof');
  const labelProof = proofBy(CODE, await termsAsked(proveClaim(management(), installer, { serial: 'E-1' })));
  await proveClaim(management(), installer, { serial: 'E-1', labelProof });
  expect(await unproved()).toEqual([]);
});

test('of very many that wait the first thousand are counted, and it is said that there may be more', async () => {
  await claim();
  await addPublisher(management(), acme, { organization: 'acme' });
  const { tables, transaction } = management().store;
  const [template] = await tables.claims.withSerial(parseSerial('L-1'));
  const announced = template && (await tables.manifests.find(template));
  if (!template || !announced) throw new Error('There is no claim.');
  await transaction(async ({ claims, manifests }) => {
    for (let index = 2; index <= 1_001; index++) {
      const serial = parseSerial(`L-${index}`);
      await claims.add({ ...template, serial });
      await manifests.add([{ ...announced, serial, key: digestOf(serial) }]);
    }
  });
  expect((await listEndings(management(), 'acme')).items).toMatchObject([
    { what: 'proofs', count: 1_000, sentence: expect.stringMatching(/^1000 or more device\(s\) of acme/) },
  ]);
});

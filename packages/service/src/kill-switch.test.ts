// The kill switch: what devices get before, during and after it, where it may be interrupted, and what it waits for.
import { MAX_INSPECTION_CAS, parseClaim, parseSecurityProfile } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyAudit } from './audit.ts';
import { fingerprintOf } from './certificates.ts';
import { addClaim, releaseClaim } from './claims.ts';
import { addEndpoint, removeEndpoint } from './endpoints.ts';
import { retireInspectionCa } from './inspection-ca-ending.ts';
import { listInspectionCas } from './inspection-cas.ts';
import { runJobs } from './job-runner.ts';
import { listJobs } from './jobs.ts';
import { askKillSwitch } from './kill-switch.ts';
import { listNetworks } from './networks.ts';
import { publishProfile } from './profiles.ts';
import { listPublishers } from './publishers.ts';
import { openManagementReader } from './store/management-reader.ts';
import { addApprovedCa, admin, approverOf, SERVICE, upload } from './testing/management-fixture.ts';
import {
  keyText,
  type OrganizationWorld,
  openOrganizationWorld,
  trustedBy,
  type WorldDevice,
} from './testing/organization-world.ts';
import { makeCa, makeLeaf, type TestEntity } from './testing/test-pki.ts';

let world: OrganizationWorld;
let plant: { readonly ca: TestEntity; readonly chain: readonly TestEntity[] };
let office: TestEntity;
let device: WorldDevice;
const approver = approverOf('acme');

beforeEach(async () => {
  world = await openOrganizationWorld();
  plant = await world.organization('acme');
  office = await world.network('acme', 'office');
  device = await world.claimed('SN-1', 'acme');
});
afterEach(() => world.close());

const management = () => world.fixture.management;
const kill = (input: Partial<Parameters<typeof askKillSwitch>[2]> = {}) =>
  askKillSwitch(management(), approver, { organization: 'acme', reason: 'stolen', ...input });
const endpoint = (name: string) =>
  ({ name, host: 'app.example', port: 443, protocol: 'https', required: true }) as const;
const job = async () => (await listJobs(management(), { organization: 'acme' })).items[0];
const epochOf = (held: WorldDevice) => (held.claim === null ? null : parseClaim(held.claim.payload, SERVICE).epoch);

test('an inspection CA is off everywhere: epoch, claims and every profile of the organization are new, in one step [D14] [D15] [S12]', async () => {
  expect(trustedBy(await world.contact(device, plant.chain))).toEqual([keyText(plant.ca)]);
  const asked = await kill({ without: [fingerprintOf(plant.ca.certificate.der)] });
  expect(asked).toMatchObject({ kind: 'kill-switch', epoch: 2, state: 'running', reason: 'stolen' });
  await runJobs(management());
  expect(await job()).toMatchObject({ id: asked.id, state: 'done', done: 3, total: 3, note: null });
  // The proxy of the plant is nobody's any more; the device keeps its last profile and gets no new one.
  const accepted = await world.contact(device, plant.chain);
  expect(accepted.kind).toBe('awaiting-approval');
  expect(epochOf(device)).toBe(2);
  const roamed = await world.contact(device, [makeLeaf(office)]);
  expect(trustedBy(roamed)).toEqual([keyText(office)]);
  // Without a proxy it gets the network that it is assigned to, which no longer has the CA and says to drop it.
  const home = await world.contact(device, []);
  expect(home).toMatchObject({ kind: 'granted', profile: { profile: { network: 'plant', epoch: 2, sequence: 2 } } });
  expect(trustedBy(home)).toEqual([]);
  expect('profile' in home && home.profile?.profile.retire).toHaveLength(1);
  expect((await listNetworks(management(), 'acme')).items.map(({ sequence }) => sequence)).toEqual([2, 2]);
  expect(await verifyAudit(management().store.tables.audit)).toBe('intact');
});

test('all inspection CAs, and an audit that tells who asked, why, and what the service did then', async () => {
  await kill({ all: true });
  await runJobs(management());
  const home = await world.contact(device, []);
  expect(trustedBy(home)).toEqual([]);
  const rows = await management().store.tables.audit.after(0, 1_000);
  const told = rows
    .filter(({ id }) => id > 7)
    .map(({ act, actor, detail }) => ({ act, actor, detail: JSON.parse(detail) }));
  const names = ['organization.kill-switch', 'claim.renew', 'profile.stage', 'profile.stage', 'organization.epoch'];
  expect(told.slice(-5).map(({ act }) => act)).toEqual(names);
  expect(told.at(-5)).toMatchObject({
    actor: 'approver of acme',
    detail: { reason: 'stolen', epoch: 2, all: true, without: [expect.any(String), expect.any(String)] },
  });
  expect(told.at(-4)).toMatchObject({ actor: 'system', detail: { reason: 'epoch-raised', epoch: 2, count: 1 } });
  expect(told.at(-1)).toMatchObject({ detail: { claims: 1, networks: 2, reason: 'stolen' } });
});

test('what was prepared and not published is not let in by it, however much of it there is [S16]', async () => {
  const inPlant = { organization: 'acme', network: 'plant' };
  const prepare = async (name: string) => {
    const { certificate } = makeCa(name);
    const file = { certificate: upload(certificate.der), permittedNames: ['*'] };
    await addApprovedCa(management(), approver, { ...inPlant, ...file });
    return fingerprintOf(certificate.der);
  };
  await addEndpoint(management(), approver, { ...inPlant, ...endpoint('approved') });
  await publishProfile(management(), approver, inPlant);
  await removeEndpoint(management(), approver, { ...inPlant, endpoint: 'approved' });
  await addEndpoint(management(), approver, { ...inPlant, ...endpoint('prepared') });
  for (let count = 0; count < MAX_INSPECTION_CAS; count++) await prepare(`Prepared ${count}`);
  await kill({ newPublisher: true });
  await runJobs(management());
  expect(await job()).toMatchObject({ state: 'done' });
  const home = await world.contact(device, []);
  expect(home).toMatchObject({ kind: 'granted', profile: { profile: { network: 'plant', epoch: 2, sequence: 3 } } });
  expect(trustedBy(home)).toEqual([keyText(plant.ca)]);
  expect('profile' in home && home.profile?.profile.endpoints.map(({ name }) => name)).toEqual(['approved']);
  const { items } = await listInspectionCas(management(), inPlant);
  expect(items.filter(({ state }) => state === 'approved')).toHaveLength(MAX_INSPECTION_CAS);
});

test('an inspection CA that was retired and prepared anew is off after it, until it is published [S16]', async () => {
  const inPlant = { organization: 'acme', network: 'plant' };
  const fingerprint = fingerprintOf(plant.ca.certificate.der);
  await retireInspectionCa(management(), approver, { ...inPlant, fingerprint });
  const certificate = upload(plant.ca.certificate.der);
  await addApprovedCa(management(), approver, { ...inPlant, certificate, permittedNames: ['*'] });
  await kill({ newPublisher: true });
  await runJobs(management());
  const home = await world.contact(device, []);
  expect(trustedBy(home)).toEqual([]);
  expect('profile' in home && home.profile?.profile.retire).toHaveLength(1);
});

test('until all is signed devices get the old pair; killed after each batch it goes on where it was', async () => {
  const { tables } = management().store;
  const first = await world.contact(device, plant.chain);
  for (let index = 2; index <= 3; index++) await world.claimed(`SN-${index}`, 'acme');
  await kill({ all: true });
  // It may go on for as many questions more as it has had lives.
  for (let lives = 1; (await job())?.state !== 'done'; lives++) {
    let asked = 0;
    await runJobs(management(), () => ++asked > lives);
    const reader = await openManagementReader(world.fixture.databaseFile);
    const claim = await reader.claimOf(device.device.id);
    const profiles = await reader.profilesOf((claim?.organization ?? 'nobody') as never);
    await reader.close();
    expect(new Set([claim?.epoch, ...profiles.map(({ epoch }) => epoch)]).size).toBe(1);
    if ((await job())?.state !== 'done') expect(claim?.epoch).toBe(1);
  }
  expect(first.kind).toBe('granted');
  expect((await tables.claims.currentOf(null)).map(({ epoch, generation }) => [epoch, generation])).toEqual([
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
  expect(await tables.nextEpoch.claimCount('acme' as never)).toBe(0);
  expect(await tables.nextEpoch.profilesOf('acme' as never)).toEqual([]);
});

test('what is claimed or released while it is under way is as it was given then, and of the new epoch if it is still theirs', async () => {
  await world.claimed('SN-2', 'acme');
  await world.claimed('SN-3', 'acme');
  await kill({ all: true });
  const { store } = management();
  let interrupted = false;
  const transaction = (async (work) => {
    const result = await store.transaction(work);
    if (!interrupted && (await store.tables.nextEpoch.claimCount('acme' as never)) === 3) {
      interrupted = true;
      await releaseClaim({ ...management(), store }, approver, { serial: 'SN-2' });
      await releaseClaim({ ...management(), store }, approver, { serial: 'SN-3' });
      await addClaim({ ...management(), store }, admin, { serial: 'SN-3', organization: 'acme' });
      await addClaim({ ...management(), store }, admin, { serial: 'SN-4', organization: 'acme' });
    }
    return result;
  }) as typeof store.transaction;
  await runJobs({ ...management(), store: { ...store, transaction } });
  expect(interrupted).toBe(true);
  expect((await job())?.state).toBe('done');
  const claims = await store.tables.claims.currentOf(null);
  expect(claims.map(({ serial, organization, epoch, ownership }) => [serial, organization, epoch, ownership])).toEqual([
    ['SN-1', 'acme', 2, 1],
    ['SN-2', null, 0, 2],
    ['SN-3', 'acme', 2, 3],
    ['SN-4', 'acme', 2, 1],
  ]);
});

test('a claim of the epoch before that was read just before the new one began is read again: no device is told that nobody approved its proxy', async () => {
  await kill({ without: [], newPublisher: true });
  const { management: reader } = world.side;
  let begun = false;
  const side = {
    ...world.side,
    management: {
      ...reader,
      profilesOf: async (organization: Parameters<typeof reader.profilesOf>[0]) => {
        if (!begun) await runJobs(management());
        begun = true;
        return reader.profilesOf(organization);
      },
    },
  };
  Object.assign(world.side, { management: side.management });
  const accepted = await world.contact(device, plant.chain);
  expect(begun).toBe(true);
  expect(accepted.kind).toBe('granted');
  expect(epochOf(device)).toBe(2);
});

test('a new publisher: claims name it and no longer the one before, from the same moment on', async () => {
  await world.contact(device, plant.chain);
  const [before] = (await listPublishers(management(), { organization: 'acme' })).items;
  await kill({ newPublisher: true });
  expect((await listPublishers(management(), { organization: 'acme' })).items.map(({ state }) => state)).toEqual([
    'ending',
    'coming',
  ]);
  await runJobs(management());
  const { items } = await listPublishers(management(), { organization: 'acme' });
  expect(items).toMatchObject([{ state: 'active', kind: 'hosted' }]);
  expect(items[0]?.fingerprint).not.toBe(before?.fingerprint);
  const accepted = await world.contact(device, plant.chain);
  expect(trustedBy(accepted)).toEqual([keyText(plant.ca)]);
  expect(
    (await publishProfile(management(), approver, { organization: 'acme', network: 'plant', force: true })).sequence,
  ).toBe(3);
  expect(trustedBy(await world.contact(device, plant.chain))).toEqual([keyText(plant.ca)]);
});

test('without a claim authority it waits and says for what; nothing changes for devices', async () => {
  await world.contact(device, plant.chain);
  const authority = await management().keys.claimAuthority(management().now());
  world.fixture.revoke(...authority.chain);
  await kill({ all: true });
  await runJobs(management());
  expect(await job()).toMatchObject({ state: 'waiting', note: expect.stringMatching(/^There is no claim authority/) });
  expect(epochOf(device)).toBe(1);
});

test('one at a time; publishing waits for it; without anything to take out it is refused', async () => {
  await expect(kill()).rejects.toMatchObject({ code: 'invalid-request' });
  await expect(kill({ without: ['AB'.repeat(32)] })).rejects.toMatchObject({ code: 'not-found' });
  await kill({ all: true });
  await expect(kill({ all: true })).rejects.toMatchObject({ code: 'not-yet' });
  const publish = publishProfile(management(), approver, { organization: 'acme', network: 'plant', force: true });
  await expect(publish).rejects.toMatchObject({
    code: 'not-yet',
    message: expect.stringContaining('windlass job show 1'),
  });
  await runJobs(management());
  await kill({ newPublisher: true });
  await runJobs(management());
  expect(await job()).toMatchObject({ id: 2, epoch: 3, state: 'done' });
  const rows = await management().store.tables.profiles.currentOf('acme' as never);
  expect(rows.map(({ envelope }) => parseSecurityProfile(envelope.payload, SERVICE).epoch)).toEqual([3, 3]);
});

test('another organization is not touched', async () => {
  await world.organization('other');
  const theirs = await world.claimed('SN-9', 'other');
  const before = await world.contact(theirs, []);
  await kill({ all: true, newPublisher: true });
  await runJobs(management());
  const after = await world.contact(theirs, []);
  expect(after.decision).toMatchObject({ claim: before.decision.claim, profile: before.decision.profile, epoch: 1 });
  await expect(listJobs(management(), { organization: 'other', job: 1 })).rejects.toMatchObject({ code: 'not-found' });
});

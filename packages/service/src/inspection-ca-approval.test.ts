// What nobody approved reaches no device, by whatever path a profile is made: publication, the organization's own signature, the kill switch,
// renewal. Each path is gone to its end, and devices are asked what they got.
import { type Envelope, parseOrganizationId, parseSecurityProfile } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprintOf, pemOf } from './certificates.ts';
import { approveInspectionCa } from './inspection-ca-approval.ts';
import { retireInspectionCa, revokeInspectionCa } from './inspection-ca-ending.ts';
import { addInspectionCa, listInspectionCas } from './inspection-cas.ts';
import { runJobs } from './job-runner.ts';
import { listJobs } from './jobs.ts';
import { askKillSwitch } from './kill-switch.ts';
import type { Actor } from './management.ts';
import { addNetwork } from './networks.ts';
import { payloadOf } from './profile-content.ts';
import { renewEndingProfiles } from './profile-renewal.ts';
import { draftProfile, submitProfile } from './profile-submission.ts';
import { listProfiles, publishProfile } from './profiles.ts';
import { addPublisher } from './publishers.ts';
import { certify, type NewSigner, newKey } from './signer/certify.ts';
import type { ProfileRow } from './store/management-ports.ts';
import { approverOf, SERVICE, upload } from './testing/management-fixture.ts';
import {
  keyText,
  type OrganizationWorld,
  openOrganizationWorld,
  trustedBy,
  type WorldDevice,
} from './testing/organization-world.ts';
import { makeCa, signPayload, type TestEntity } from './testing/test-pki.ts';

const DAY = 86_400;
const acme = approverOf('acme');
const networkAdmin: Actor = { ...acme, name: 'network admin of acme', person: 'mallory', role: 'network-admin' };
const inPlant = { organization: 'acme', network: 'plant' };
const log = { warn: () => undefined };
let world: OrganizationWorld;
let plant: { readonly ca: TestEntity; readonly chain: readonly TestEntity[] };
let device: WorldDevice;
/** What a network admin added, and nobody approved. */
let planted: TestEntity;

beforeEach(async () => {
  world = await openOrganizationWorld();
  plant = await world.organization('acme');
  device = await world.claimed('SN-1', 'acme');
  planted = makeCa('Planted');
  await add(planted);
});
afterEach(() => world.close());

const management = () => world.fixture.management;
const add = ({ certificate }: TestEntity, permittedNames = ['*']) =>
  addInspectionCa(management(), networkAdmin, { ...inPlant, certificate: upload(certificate.der), permittedNames });
const approve = (fingerprint: string) =>
  approveInspectionCa(management(), acme, { ...inPlant, fingerprint, sha256: fingerprint });
const publish = () => publishProfile(management(), acme, { ...inPlant, force: true });
const fingerprintOfEntity = ({ certificate }: TestEntity) => fingerprintOf(certificate.der);
const leftOut = () => expect.stringMatching(`^Inspection CA ${fingerprintOfEntity(planted)} .* is left out: nobody`);
const states = async () => (await listInspectionCas(management(), inPlant)).items.map(({ state }) => state);
const kill = (input: Partial<Parameters<typeof askKillSwitch>[2]>) =>
  askKillSwitch(management(), acme, { organization: 'acme', reason: 'stolen', ...input });
const job = async () => (await listJobs(management(), { organization: 'acme' })).items[0];
const current = async (): Promise<ProfileRow> => {
  const [row] = await management().store.tables.profiles.currentOf(parseOrganizationId('acme'));
  if (row === undefined) throw new Error('Nothing is published.');
  return row;
};
/** What a device of the plant trusts after it asked, whatever it saw on its way. */
const trusted = async () => trustedBy(await world.contact(device, []));

function publisher(): { readonly anchor: NewSigner; readonly signer: NewSigner } {
  const now = management().now();
  const times = { from: now - DAY, until: now + 3_000 * DAY };
  const anchor = certify({ commonName: 'Acme publisher CA', ...times, authority: { pathLength: 1 } }, newKey(), null);
  const name = { kind: 'uri', value: 'windlass://bootstrap.example/organizations/acme' } as const;
  const purpose = '2.25.253403436449784854204672248200112754133.3';
  return { anchor, signer: certify({ commonName: 'Acme publisher', ...times, name, purpose }, newKey(), anchor) };
}

async function ownPublisher(): Promise<NewSigner> {
  const { anchor, signer } = publisher();
  await addPublisher(management(), acme, { organization: 'acme', certificate: pemOf(anchor.certificate.der) });
  await runJobs(management());
  return signer;
}

const submit = ({ payload, signature }: Envelope) =>
  submitProfile(management(), acme, { ...inPlant, payload, signature });

test('a publication leaves it out and says so; nothing else to publish is no publication [S24]', async () => {
  const nothing = publishProfile(management(), acme, inPlant);
  await expect(nothing).rejects.toThrow(new RegExp(`Nobody has approved ${fingerprintOfEntity(planted)}`));
  const published = await publish();
  expect(published.warnings).toEqual([leftOut()]);
  expect(await trusted()).toEqual([keyText(plant.ca)]);
  expect(await states()).toEqual(['active', 'draft']);
  await approve(fingerprintOfEntity(planted));
  expect((await publish()).warnings).toEqual([]);
  expect(await trusted()).toEqual([keyText(plant.ca), keyText(planted)]);
});

test('a draft leaves it out and says so; a signature over a profile that has it is refused, by whatever publisher [S24]', async () => {
  const signer = await ownPublisher();
  const draft = await draftProfile(management(), inPlant);
  expect(draft.warnings).toEqual([leftOut()]);
  expect(draft.inspectionCas.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOfEntity(plant.ca)]);
  const row = await current();
  const { issued, expires, sequence } = parseSecurityProfile(draft.payload, SERVICE);
  const numbers = { organization: row.organization, network: row.network, epoch: 1, sequence, issued, expires };
  const all = await management().store.tables.inspectionCas.of(row);
  const payload = payloadOf(SERVICE, { ...row, inspectionCas: all }, numbers);
  await expect(submit(signPayload(signer, payload))).rejects.toMatchObject({ code: 'stale-draft' });
  expect((await submit(signPayload(signer, draft.payload))).warnings).toEqual([leftOut()]);
  expect(await trusted()).toEqual([keyText(plant.ca)]);
});

test('the kill switch signs every network anew without it [S24]', async () => {
  await kill({ newPublisher: true });
  await runJobs(management());
  expect(await job()).toMatchObject({ state: 'done' });
  expect(await current()).toMatchObject({ epoch: 2 });
  expect(await trusted()).toEqual([keyText(plant.ca)]);
  expect(await states()).toEqual(['active', 'draft']);
});

test('during the kill switch an own publisher signs without it, and a draft in the place of what was approved does not become active [S24]', async () => {
  const signer = await ownPublisher();
  const approved = makeCa('Approved');
  const narrow = await add(approved, ['plc.example']);
  await approve(narrow.fingerprint);
  await publish();
  await retireInspectionCa(management(), acme, { ...inPlant, fingerprint: narrow.fingerprint });
  await publish();
  await add(approved, ['*']);
  await kill({ newPublisher: true });
  const draft = await draftProfile(management(), inPlant);
  expect(draft.epoch).toBe(2);
  expect(draft.inspectionCas).toHaveLength(1);
  await submit(signPayload(signer, draft.payload));
  await runJobs(management());
  expect(await job()).toMatchObject({ state: 'done' });
  expect(await trusted()).toEqual([keyText(plant.ca)]);
  expect(await states()).toEqual(['active', 'draft', 'retired', 'draft']);
});

test('a CA that is revoked after its network was signed for the next epoch: the network is signed again, without it [S24]', async () => {
  const { store } = management();
  let revoked = false;
  const transaction = (async (work) => {
    const result = await store.transaction(work);
    if (!revoked && (await store.tables.nextEpoch.profilesOf('acme' as never)).length === 1) {
      revoked = true;
      const fingerprint = fingerprintOfEntity(plant.ca);
      await revokeInspectionCa({ ...management(), store }, acme, { ...inPlant, fingerprint, reason: 'stolen' });
    }
    return result;
  }) as typeof store.transaction;
  await kill({ newPublisher: true });
  await runJobs({ ...management(), store: { ...store, transaction } });
  expect(revoked).toBe(true);
  expect(await job()).toMatchObject({ state: 'done' });
  expect(await trusted()).toEqual([]);
  const [entry] = (await listInspectionCas(management(), inPlant)).items;
  expect(entry).toMatchObject({ state: 'revoked', dropped: 2 });
  expect((await current()).retired).toEqual([entry?.keyDigest]);
});

test('a CA that is revoked after its network was signed for the first time, for the next epoch: that is dropped [S24]', async () => {
  const signer = await ownPublisher();
  const inHall = { organization: 'acme', network: 'hall' };
  await addNetwork(management(), acme, { organization: 'acme', name: 'hall' });
  const { certificate } = makeCa('Hall');
  const [sha256, file] = [fingerprintOf(certificate.der), upload(certificate.der)];
  await addInspectionCa(management(), networkAdmin, { ...inHall, certificate: file, permittedNames: ['*'] });
  await approveInspectionCa(management(), acme, { ...inHall, fingerprint: sha256, sha256 });
  await kill({ newPublisher: true });
  const { payload, signature } = signPayload(signer, (await draftProfile(management(), inHall)).payload);
  await submitProfile(management(), acme, { ...inHall, payload, signature });
  await revokeInspectionCa(management(), acme, { ...inHall, fingerprint: sha256, reason: 'stolen' });
  await runJobs(management());
  expect(await job()).toMatchObject({ state: 'done', total: 2 });
  expect((await listProfiles(management(), inHall)).items).toEqual([]);
  const told = (await management().store.tables.audit.after(0, 1_000)).find(({ act }) => act === 'profile.unstage');
  expect(told).toMatchObject({ actor: 'system', object: 'network acme/hall' });
});

test('a CA that is retired after its network was signed for the next epoch is on devices, and retiring', async () => {
  const signer = await ownPublisher();
  const approved = await add(makeCa('Approved'));
  await approve(approved.fingerprint);
  await kill({ newPublisher: true });
  await submit(signPayload(signer, (await draftProfile(management(), inPlant)).payload));
  await retireInspectionCa(management(), acme, { ...inPlant, fingerprint: approved.fingerprint });
  await runJobs(management());
  expect(await states()).toEqual(['active', 'draft', 'retiring']);
  expect((await publish()).retired).toEqual([approved.keyDigest]);
});

test('a renewal is without it, and without what was revoked since, which devices are told to drop [S24]', async () => {
  world.fixture.advance(340 * DAY);
  expect(await renewEndingProfiles(management(), log)).toBe(1);
  expect((await current()).inspectionCas.map((ca) => ca.fingerprint)).toEqual([fingerprintOfEntity(plant.ca)]);
  const other = await add(makeCa('Other'));
  await approve(other.fingerprint);
  await publish();
  const fingerprint = fingerprintOfEntity(plant.ca);
  const { keyDigest } = await revokeInspectionCa(management(), acme, { ...inPlant, fingerprint, reason: 'stolen' });
  world.fixture.advance(340 * DAY);
  expect(await renewEndingProfiles(management(), log)).toBe(1);
  const row = await current();
  expect(row.inspectionCas.map((ca) => ca.fingerprint)).toEqual([other.fingerprint]);
  expect(row.retired).toEqual([keyDigest]);
  expect(row.changes).toEqual([
    expect.stringMatching('^renewed'),
    expect.stringMatching(`^- .*${fingerprint}.*: revoked`),
  ]);
  expect((await listInspectionCas(management(), inPlant)).items[0]).toMatchObject({
    state: 'revoked',
    dropped: row.sequence,
  });
});

test('the kill switch: what is named is revoked with all that has its key, what goes with "all" may come back', async () => {
  await world.network('acme', 'office');
  const fingerprint = fingerprintOfEntity(plant.ca);
  await kill({ all: true, without: [fingerprint] });
  await runJobs(management());
  expect(await states()).toEqual(['revoked', 'retired']);
  expect((await listInspectionCas(management(), { ...inPlant, network: 'office' })).items[0]?.state).toBe('retired');
  await expect(add(plant.ca)).rejects.toMatchObject({ code: 'certificate-refused' });
  await expect(add(planted)).resolves.toMatchObject({ state: 'draft' });
});

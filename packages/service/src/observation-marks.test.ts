// What people do with observations, and that nothing of it lets a CA in.
import { type Digest, parseOrganizationId, parseSerial, type UnixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAlerts } from './alerts.ts';
import { listAudit } from './audit.ts';
import { fingerprintOf, pemOf } from './certificates.ts';
import { addClaim } from './claims.ts';
import { approveInspectionCa } from './inspection-ca-approval.ts';
import { removeInspectionCa } from './inspection-ca-ending.ts';
import { addInspectionCa, listInspectionCas } from './inspection-cas.ts';
import type { Actor } from './management.ts';
import { addManufacturer } from './manufacturers.ts';
import { addNetwork } from './networks.ts';
import { groupsOf } from './observation-groups.ts';
import {
  askAboutObservation,
  clearObservation,
  ignoreObservation,
  linkObservation,
  markObservationHostile,
} from './observation-marks.ts';
import { listObservations } from './observations.ts';
import { addOrganization } from './organizations.ts';
import { publishProfile } from './profiles.ts';
import type { ObservationMark } from './store/management-ports-observations.ts';
import { admin, approverOf, type Fixture, observe, openFixture, upload } from './testing/management-fixture.ts';
import { makeCa, makeLeaf, type TestEntity } from './testing/test-pki.ts';

const DAY = 86_400;
const approver = approverOf('acme');
const networkAdmin: Actor = { ...approver, name: 'network admin of acme', person: 'nina', role: 'network-admin' };
const inPlant = { organization: 'acme', network: 'plant' };
const box = makeCa('Proxy');
const renewed = makeCa('Proxy renewed', { key: box.key });
const namesake = makeCa('Proxy');
const leaf = makeLeaf(box);
let fixture: Fixture;

beforeEach(async () => {
  fixture = await openFixture();
  for (const name of ['acme', 'other']) {
    await addOrganization(management(), admin, { name });
    await addNetwork(management(), approverOf(name), { organization: name, name: 'plant' });
  }
});
afterEach(() => fixture.close());

const management = () => fixture.management;
const der = ({ certificate }: TestEntity) => certificate.der;
/** The observation as it is named. */
const seen = (entity: TestEntity, more: Parameters<typeof observe>[1] = {}) => {
  fixture.observations.push(observe(der(entity), more));
  const [group] = groupsOf(fixture.observations.slice(-1));
  return { organization: 'acme', observation: group?.id ?? '' };
};
const add = (entity: TestEntity) =>
  addInspectionCa(management(), networkAdmin, { ...inPlant, certificate: upload(der(entity)), permittedNames: ['*'] });
const list = async (more: { all?: boolean; organization?: string } = {}) =>
  (await listObservations(management(), { organization: 'acme', ...more })).items;
const lastEntry = async () => (await listAudit(management(), { organization: null, limit: 1 })).entries[0];
const dateIn = (days: number) => new Date((management().now() + days * DAY) * 1000).toISOString().slice(0, 10);

test('an observation keeps its id over devices and renewals, has no other one of another organization, and says where it was', async () => {
  const pem = pemOf(der(makeCa('Maker')));
  const { manufacturer } = await addManufacturer(management(), admin, { name: 'maker', certificate: pem });
  for (const serial of ['S-1', 'S-2', 'S-3']) await addClaim(management(), admin, { serial, ...inPlant });
  await addClaim(management(), admin, { serial: 'S-4', organization: 'other', network: 'plant' });
  const ofMaker = (serial: string) => ({ manufacturer: manufacturer as Digest, serial: parseSerial(serial) });
  const { observation } = seen(box, ofMaker('S-1'));
  expect(seen(renewed, { ...ofMaker('S-2'), lastSeen: 3000 as UnixSeconds }).observation).toBe(observation);
  expect(seen(namesake, ofMaker('S-3')).observation).not.toBe(observation);
  expect(seen(box, { ...ofMaker('S-4'), organization: parseOrganizationId('other') }).observation).not.toBe(
    observation,
  );
  expect(await list()).toMatchObject([
    { id: observation, networks: ['plant'], devices: 2, state: 'new', link: null, note: null },
    { networks: ['plant'], devices: 1 },
  ]);
  expect((await listObservations(management(), {})).items).toHaveLength(3);
});

describe('a link', () => {
  test('to the CA whose key was presented, or signed it: which one, and what became of it', async () => {
    for (const [presented, more] of [
      [renewed, {}],
      [leaf, { topIsCa: false }],
    ] as const) {
      const about = seen(presented, more);
      const { fingerprint } = (await listInspectionCas(management(), inPlant)).items[0] ?? (await add(box));
      const linked = await linkObservation(management(), networkAdmin, { ...about, network: 'plant', fingerprint });
      const link = { network: 'plant', fingerprint, subject: 'CN=Proxy', state: 'draft', whole: true };
      expect(linked).toMatchObject({ id: about.observation, state: 'linked', link });
      expect(await lastEntry()).toMatchObject({
        act: 'observation.link',
        object: `observation acme/${about.observation}`,
        detail: { before: { link: null }, after: { link: { network: 'plant', fingerprint } } },
      });
    }
    // Nobody approved it by that, and nothing of it is published.
    expect((await publishProfile(management(), approver, inPlant)).inspectionCas).toEqual([]);
    const [{ fingerprint = '' } = {}] = (await listInspectionCas(management(), inPlant)).items;
    await removeInspectionCa(management(), networkAdmin, { ...inPlant, fingerprint });
    expect((await list()).map(({ link }) => link)).toEqual([null, null]);
  });

  test('to a CA with the same name and another key is refused, and so is one to a CA that signed only some of it', async () => {
    const about = seen(namesake);
    const { fingerprint } = await add(box);
    const link = (of: { organization: string; observation: string }) =>
      linkObservation(management(), networkAdmin, { ...of, network: 'plant', fingerprint });
    await expect(link(about)).rejects.toMatchObject({ code: 'certificate-refused' });
    const leaves = seen(leaf, { topIsCa: false });
    await link(leaves);
    expect(seen(makeLeaf(namesake), { topIsCa: false })).toEqual(leaves);
    expect((await list()).find(({ id }) => id === leaves.observation)?.link).toMatchObject({ whole: false });
    await expect(link(leaves)).rejects.toMatchObject({ code: 'certificate-refused' });
  });

  test('is of one organization: its observations, its networks, its CAs', async () => {
    const about = seen(box);
    const { fingerprint } = await add(box);
    const other = approverOf('other');
    const named = { network: 'plant', fingerprint };
    const ofOther = { ...about, organization: 'other', ...named };
    await expect(linkObservation(management(), other, ofOther)).rejects.toMatchObject({ code: 'not-found' });
    const theirs = seen(box, { organization: parseOrganizationId('other') });
    const fromThere = { ...theirs, organization: 'other', ...named };
    await expect(linkObservation(management(), other, fromThere)).rejects.toMatchObject({ code: 'not-found' });
  });
});

test('a question is an alert for the approvers, with its note', async () => {
  const about = seen(box);
  const asked = await askAboutObservation(management(), networkAdmin, { ...about, note: 'Is this the box of hall 2?' });
  expect(asked).toMatchObject({ state: 'asked', note: 'Is this the box of hall 2?' });
  expect((await listAlerts(management(), { organization: 'acme' })).items).toMatchObject([
    {
      kind: 'observation-asked',
      actor: 'network admin of acme',
      object: `observation acme/${about.observation}`,
      detail: { note: 'Is this the box of hall 2?', issuer: 'CN=Proxy' },
    },
  ]);
  expect((await listAlerts(management(), { organization: 'other' })).items).toEqual([]);
});

test('what is ignored is out of the list until then, and never for longer than a year', async () => {
  const about = seen(box);
  const ignored = await ignoreObservation(management(), networkAdmin, {
    ...about,
    until: dateIn(10),
    reason: 'guests',
  });
  expect(ignored).toMatchObject({ state: 'ignored', ignoredUntil: `${dateIn(10)}T00:00:00Z` });
  expect(await lastEntry()).toMatchObject({ detail: { reason: 'guests', before: { ignoredUntil: null } } });
  expect(await list()).toEqual([]);
  expect(await list({ all: true })).toMatchObject([{ state: 'ignored' }]);
  fixture.advance(10 * DAY);
  expect(await list()).toMatchObject([{ state: 'new' }]);
  for (const until of [dateIn(0), dateIn(400)]) {
    await expect(ignoreObservation(management(), networkAdmin, { ...about, until })).rejects.toMatchObject({
      code: 'time-refused',
    });
  }
});

describe('a hostile observation', () => {
  test('keeps the CA with its key, or that signed it, out: from being added and from being approved [S24]', async () => {
    const draft = await add(box);
    const approve = () =>
      approveInspectionCa(management(), approver, { ...inPlant, fingerprint: draft.fingerprint, words: draft.words });
    for (const [presented, more] of [
      [box, {}],
      [leaf, { topIsCa: false }],
    ] as const) {
      const about = seen(presented, more);
      await markObservationHostile(management(), networkAdmin, { ...about, reason: 'not ours' });
      const sentence = expect.stringContaining(`marked hostile (observation ${about.observation})`);
      await expect(approve()).rejects.toMatchObject({ code: 'certificate-refused', message: sentence });
      await expect(add(renewed)).rejects.toMatchObject({ code: 'certificate-refused', message: sentence });
      expect((await listAlerts(management(), { organization: 'acme' })).items[0]).toMatchObject({
        kind: 'observation-hostile',
        detail: { registered: [`inspection CA acme/plant/${draft.fingerprint}`] },
      });
      await clearObservation(management(), approver, { ...about, reason: 'it is ours' });
      expect(await lastEntry()).toMatchObject({
        act: 'observation.clear',
        detail: { reason: 'it is ours', before: { hostile: expect.any(String) }, after: { hostile: null } },
      });
    }
    // Only its key, and only in this organization.
    await markObservationHostile(management(), networkAdmin, seen(box));
    await expect(add(namesake)).resolves.toMatchObject({ state: 'draft' });
    const there = { organization: 'other', network: 'plant', certificate: upload(der(box)), permittedNames: ['*'] };
    await expect(addInspectionCa(management(), approverOf('other'), there)).resolves.toMatchObject({ state: 'draft' });
  });

  test('stays so, and in the list, until it is cleared, whatever else is said and whether any device has it still', async () => {
    const about = seen(box);
    const { fingerprint } = await add(box);
    await askAboutObservation(management(), networkAdmin, { ...about, note: 'ours?' });
    await markObservationHostile(management(), networkAdmin, about);
    const others = [
      linkObservation(management(), networkAdmin, { ...about, network: 'plant', fingerprint }),
      askAboutObservation(management(), networkAdmin, { ...about, note: 'ours?' }),
      ignoreObservation(management(), networkAdmin, { ...about, until: dateIn(10) }),
      markObservationHostile(management(), networkAdmin, about),
    ];
    for (const refused of others) await expect(refused).rejects.toMatchObject({ code: 'not-yet' });
    fixture.observations.length = 0;
    expect(await list()).toMatchObject([
      { id: about.observation, state: 'hostile', note: 'ours?', devices: 0, fingerprint: fingerprintOf(der(box)) },
    ]);
    await expect(add(renewed)).rejects.toMatchObject({ code: 'certificate-refused' });
    expect(await clearObservation(management(), approver, about)).toMatchObject({ state: 'new', note: null });
    expect(await list({ all: true })).toEqual([]);
    await expect(clearObservation(management(), approver, about)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('what is said of observations is bounded', () => {
  const marked = async (count: number, more: Partial<ObservationMark>) => {
    const times = { firstSeen: 1 as UnixSeconds, lastSeen: 2 as UnixSeconds };
    const nothing = { link: null, asked: null, note: null, ignoredUntil: null, hostile: null };
    const of = { organization: parseOrganizationId('acme'), certificates: [der(namesake)], ...times, ...nothing };
    await management().store.transaction(async ({ observationMarks }) => {
      for (let index = 0; index < count; index++) {
        await observationMarks.put({ ...of, observation: index.toString(16).padStart(32, '0'), ...more });
      }
    });
  };
  const limit = { code: 'limit-reached' };

  test('at 100 that are hostile no other becomes it, and may still be asked about', async () => {
    await marked(99, { hostile: 3 as UnixSeconds });
    await markObservationHostile(management(), networkAdmin, seen(box));
    const about = seen(leaf, { topIsCa: false });
    await expect(markObservationHostile(management(), networkAdmin, about)).rejects.toMatchObject(limit);
    await expect(askAboutObservation(management(), networkAdmin, { ...about, note: 'ours?' })).resolves.toBeDefined();
  });

  test('at 1 000 nothing is said of another, and more of those', async () => {
    await marked(999, { asked: 3 as UnixSeconds });
    const last = seen(box);
    const ask = (about: typeof last) => askAboutObservation(management(), networkAdmin, { ...about, note: 'ours?' });
    await ask(last);
    await expect(ask(seen(leaf, { topIsCa: false }))).rejects.toMatchObject(limit);
    await expect(ask(last)).resolves.toMatchObject({ state: 'asked' });
    await clearObservation(management(), approver, last);
    await expect(ask(seen(leaf, { topIsCa: false }))).resolves.toMatchObject({ state: 'asked' });
  });

  test('8 certificates of one are remembered, the newest first', async () => {
    const renewals = Array.from({ length: 9 }, (_, index) => makeCa(`Proxy ${index}`, { key: box.key }));
    const abouts = renewals.map((each, index) => seen(each, { lastSeen: (2000 + index) as UnixSeconds }));
    const about = abouts[0] ?? { organization: 'acme', observation: '' };
    await markObservationHostile(management(), networkAdmin, about);
    const kept = await management().store.tables.observationMarks.find(parseOrganizationId('acme'), about.observation);
    expect(kept?.certificates.map(fingerprintOf)).toEqual(
      renewals
        .slice(1)
        .reverse()
        .map((ca) => fingerprintOf(der(ca))),
    );
  });
});

test('what nobody observed has no mark', async () => {
  const about = { organization: 'acme', observation: 'ab'.repeat(16) };
  const unknown = askAboutObservation(management(), networkAdmin, { ...about, note: 'what is it?' });
  await expect(unknown).rejects.toMatchObject({ code: 'not-found' });
  seen(box);
  await expect(clearObservation(management(), approver, seen(box))).rejects.toMatchObject({ code: 'not-found' });
});

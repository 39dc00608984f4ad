// No network goes dark because nobody renewed: what ends soon is signed anew in time, or health says who must.

import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseClaim, parseOrganizationId, parseSecurityProfile, parseSerial } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renewEndingClaims } from './claim-endings.ts';
import { listEndings } from './endings.ts';
import { healthOf } from './health.ts';
import { retireInspectionCa } from './inspection-ca-ending.ts';
import { addInspectionCa } from './inspection-cas.ts';
import { keepJobsRunning, renewEndings, runJobs } from './job-runner.ts';
import { renewEndingProfiles } from './profile-renewal.ts';
import { listProfiles } from './profiles.ts';
import { addPublisher, listPublishers } from './publishers.ts';
import {
  approverOf,
  installClaimAuthority,
  opensslCertificate,
  SERVICE,
  upload,
} from './testing/management-fixture.ts';
import { type OrganizationWorld, openOrganizationWorld } from './testing/organization-world.ts';

const DAY = 86_400;
const acme = approverOf('acme');
const inPlant = { organization: 'acme', network: 'plant' };
const log = { info: () => undefined, warn: () => undefined };
let world: OrganizationWorld;

beforeEach(async () => {
  world = await openOrganizationWorld();
  await world.organization('acme');
  await world.claimed('SN-1', 'acme');
});
afterEach(() => world.close());

const management = () => world.fixture.management;
const claim = async () => {
  const [row] = await management().store.tables.claims.withSerial(parseSerial('SN-1'));
  return parseClaim(row?.envelope.payload ?? '', SERVICE);
};
const profiles = async () => (await listProfiles(management(), inPlant)).items;
const endings = async () => (await listEndings(management(), 'acme')).items;
const renew = () => renewEndings(management(), log, () => false);

test('a claim near its end is signed anew as soon as another claim authority lets it last longer, once [S12]', async () => {
  const before = await claim();
  world.fixture.advance(641 * DAY);
  expect(await renewEndingClaims(management())).toBe(0);
  installClaimAuthority(world.fixture);
  expect(await renewEndingClaims(management())).toBe(1);
  const after = await claim();
  const { generation, expires } = after;
  expect(after).toEqual({ ...before, generation: 2, expires });
  expect(generation).toBe(2);
  expect(expires - management().now()).toBeGreaterThan(700 * DAY);
  expect(await renewEndingClaims(management())).toBe(0);
  const [last] = await management().store.tables.audit.page({ organization: null, before: null, limit: 1 });
  expect(JSON.parse(last?.detail ?? '')).toMatchObject({ reason: 'ends-soon', count: 1, first: 'SN-1' });
});

test('claims that end with the only claim authority: health says whose they are and what to install', async () => {
  world.fixture.advance(701 * DAY);
  await renew();
  expect(await endings()).toMatchObject([
    {
      what: 'claims',
      count: 1,
      who: 'operator',
      sentence: expect.stringMatching(/^1 claim\(s\) end from .* \(acme\): the claim authority ends no later/),
    },
  ]);
  expect(await healthOf(management())).toMatchObject({
    status: 'warning',
    endings: [expect.stringMatching(/^1 claim\(s\) end within 30 days and nobody renewed them: see "windlass health"/)],
  });
});

test('more than a batch of claims near their end, and one that ended already', async () => {
  const { tables, transaction } = management().store;
  const [template] = await tables.claims.withSerial(parseSerial('SN-1'));
  if (template === undefined) throw new Error('There is no claim.');
  await transaction(async ({ claims }) => {
    for (let index = 2; index <= 250; index++) await claims.add({ ...template, serial: parseSerial(`SN-${index}`) });
    const expires = (template.expires - 100 * DAY) as typeof template.expires;
    await claims.add({ ...template, serial: parseSerial('SN-251'), expires });
  });
  world.fixture.advance(641 * DAY);
  installClaimAuthority(world.fixture);
  expect(await renewEndingClaims(management())).toBe(250);
  expect((await tables.claims.withSerial(parseSerial('SN-251')))[0]?.generation).toBe(1);
});

test('a hosted profile is signed anew in its last 30 days: the same content, and nothing that nobody published', async () => {
  const [before] = await profiles();
  // Prepared, and not published.
  const pending = opensslCertificate({ commonName: 'Not approved' });
  await addInspectionCa(management(), acme, { ...inPlant, certificate: upload(pending.der), permittedNames: ['*'] });
  await retireInspectionCa(management(), acme, {
    ...inPlant,
    fingerprint: before?.inspectionCas[0]?.fingerprint ?? '',
  });
  world.fixture.advance(334 * DAY);
  expect(await renewEndingProfiles(management(), log)).toBe(0);
  world.fixture.advance(2 * DAY);
  expect(await renewEndingProfiles(management(), log)).toBe(1);
  const [after] = await profiles();
  expect(after).toMatchObject({
    sequence: 2,
    inspectionCas: before?.inspectionCas,
    retired: before?.retired,
    changes: [`renewed: the profile before ends ${before?.expires}`],
    reason: null,
  });
  expect(await renewEndingProfiles(management(), log)).toBe(0);
  expect(await endings()).toEqual([]);
});

test('a hosted profile that could not be signed anew is told to the operator', async () => {
  const { publishers } = management().store.tables;
  const [anchor] = await publishers.of(parseOrganizationId('acme'));
  if (anchor === undefined) throw new Error('There is no publisher.');
  const keys = join(world.fixture.directory, 'keys', 'publishers');
  renameSync(join(keys, 'acme'), join(keys, 'elsewhere'));
  const lines: string[] = [];
  world.fixture.advance(350 * DAY);
  await renewEndings(management(), { ...log, warn: (_, text) => lines.push(text) }, () => false);
  const missing = expect.stringMatching(/^The keys of 1 publisher\(s\) are missing on this instance/);
  expect(lines).toEqual(['a profile could not be signed anew', missing]);
  expect(await endings()).toMatchObject([{ what: 'profile', who: 'operator' }]);
  expect((await healthOf(management())).endings).toEqual([expect.stringMatching(/^1 profile/), missing]);
});

test("an organization's own publisher: nothing is signed for it; who has to sign what, and until when, is told", async () => {
  const own = opensslCertificate({ commonName: 'Acme publisher CA' });
  await addPublisher(management(), acme, { organization: 'acme', certificate: own.pem });
  await runJobs(management());
  const { publishers } = management().store.tables;
  const hosted = (await publishers.of(parseOrganizationId('acme'))).filter(({ kind }) => kind === 'hosted');
  for (const anchor of hosted) await publishers.remove(anchor);
  expect((await listPublishers(management(), { organization: 'acme' })).items).toHaveLength(1);
  world.fixture.advance(340 * DAY);
  await renew();
  expect(await profiles()).toHaveLength(1);
  const [ending] = await endings();
  expect(ending).toMatchObject({ organization: 'acme', network: 'plant', what: 'profile', who: 'organization' });
  expect(ending?.sentence).toMatch(
    /^The profile of acme\/plant ends .*: acme has to sign it: "windlass profile draft", sign, "windlass profile submit"\.$/,
  );
  const health = await healthOf(management());
  expect(health.endings).toEqual([
    '1 profile(s) end within 30 days and nobody renewed them: see "windlass health" for whose they are and who has to sign.',
  ]);
  // Anybody may ask for health: it names no customer.
  expect(JSON.stringify(health.endings)).not.toContain('acme');
  world.fixture.advance(3_650 * DAY - 390 * DAY);
  expect((await endings()).map(({ what }) => what)).toContain('publisher');
});

test('a publisher of the service is renewed by itself in time, so that a profile never ends with it', async () => {
  // Three years, of which the last 400 days are renewed at the next signature.
  for (let month = 0; month < 40; month++) {
    world.fixture.advance(30 * DAY);
    await renewEndingProfiles(management(), log);
    const [row] = await management().store.tables.profiles.currentOf(parseOrganizationId('acme'));
    const { expires } = parseSecurityProfile(row?.envelope.payload ?? '', SERVICE);
    expect(expires).toBeGreaterThan(management().now());
  }
  expect(await profiles()).toHaveLength(4);
});

test('it is looked at after a start and each hour; jobs at once when one is asked for', async () => {
  const lines: string[] = [];
  const told = {
    info: (_: object, text: string) => lines.push(text),
    warn: (_: object, text: string) => lines.push(text),
  };
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    world.fixture.advance(340 * DAY);
    const stop = keepJobsRunning(management(), told);
    await expect.poll(() => lines).toEqual(['claims and profiles that end soon were signed anew']);
    await addPublisher(management(), acme, { organization: 'acme' });
    await expect.poll(async () => (await management().store.tables.jobs.open(null)).length).toBe(0);
    await stop();
    await addPublisher(management(), acme, { organization: 'acme' });
    vi.advanceTimersByTime(7_200_000);
    expect(await management().store.tables.jobs.open(null)).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

// Publisher anchors: what a CA must be, how claims come to name it, and when it may go. Signing under it by commands is tested in the cli.
import { parseClaim, parseOrganizationId, parseSerial } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprintOf, parseChainPem, pemOf } from './certificates.ts';
import { addInspectionCa } from './inspection-cas.ts';
import { runJobs } from './job-runner.ts';
import { listJobs } from './jobs.ts';
import { draftProfile } from './profile-submission.ts';
import { publishProfile } from './profiles.ts';
import { addPublisher, listPublishers, removePublisher } from './publishers.ts';
import { approverOf, opensslCertificate, SERVICE, type TestCertificate, upload } from './testing/management-fixture.ts';
import {
  keyText,
  type OrganizationWorld,
  openOrganizationWorld,
  trustedBy,
  type WorldDevice,
} from './testing/organization-world.ts';
import type { TestEntity } from './testing/test-pki.ts';

let world: OrganizationWorld;
let plant: { readonly ca: TestEntity; readonly chain: readonly TestEntity[] };
let device: WorldDevice;
const acme = approverOf('acme');
const inPlant = { organization: 'acme', network: 'plant' };

beforeEach(async () => {
  world = await openOrganizationWorld();
  plant = await world.organization('acme');
  device = await world.claimed('SN-1', 'acme');
});
afterEach(() => world.close());

const management = () => world.fixture.management;
const add = (certificate?: string) =>
  addPublisher(management(), acme, { organization: 'acme', ...(certificate === undefined ? {} : { certificate }) });
const list = async () => (await listPublishers(management(), { organization: 'acme' })).items;
const remove = (fingerprint: string) => removePublisher(management(), acme, { organization: 'acme', fingerprint });
const lastJob = async () => (await listJobs(management(), { organization: 'acme' })).items[0];
const publish = () => publishProfile(management(), acme, { ...inPlant, force: true });
const caOf = (commonName: string, more: TestCertificate = {}) => opensslCertificate({ commonName, ...more });

async function publishersIn(serial: string): Promise<readonly string[]> {
  const [claim] = await management().store.tables.claims.withSerial(parseSerial(serial));
  return parseClaim(claim?.envelope.payload ?? '', SERVICE).publishers.map(fingerprintOf);
}

test("an organization's own CA stands beside the hosted one, and every claim names both, as a new generation", async () => {
  const own = caOf('Acme publisher CA');
  const added = await add(own.pem);
  expect(added).toMatchObject({ kind: 'own', state: 'coming', subject: 'CN=Acme publisher CA', warnings: [] });
  await runJobs(management());
  expect(await lastJob()).toMatchObject({ kind: 'publishers', state: 'done', done: 1, total: 1, note: null });
  expect((await list()).map(({ kind, state }) => [kind, state])).toEqual([
    ['hosted', 'active'],
    ['own', 'active'],
  ]);
  expect(await publishersIn('SN-1')).toEqual((await list()).map(({ fingerprint }) => fingerprint));
  // The profile before is still good; so is one by the hosted publisher.
  expect(trustedBy(await world.contact(device, plant.chain))).toEqual([keyText(plant.ca)]);
  await publish();
  expect((await world.contact(device, plant.chain)).kind).toBe('granted');
  expect((await draftProfile(management(), inPlant)).signedBy).toBe('service');
  const batches = (await management().store.tables.audit.after(0, 1_000)).filter(({ act }) => act === 'claim.renew');
  expect(batches.map(({ organization, detail }) => [organization, JSON.parse(detail)])).toMatchObject([
    ['acme', { reason: 'publishers-changed', count: 1, first: 'SN-1', job: 1 }],
  ]);
});

test('claims are signed anew in batches; what was stopped halfway goes on, also after claims came and went', async () => {
  const { claims } = management().store.tables;
  const [template] = await claims.withSerial(parseSerial('SN-1'));
  if (template === undefined) throw new Error('There is no claim.');
  await management().store.transaction(async (tables) => {
    for (let index = 2; index <= 450; index++) {
      await tables.claims.add({ ...template, serial: parseSerial(`SN-${index}`) });
    }
  });
  await add(caOf('Acme publisher CA').pem);
  let asked = 0;
  // Asked before the jobs, and before each batch.
  await runJobs(management(), () => ++asked > 2);
  expect(await lastJob()).toMatchObject({ state: 'running', done: 200 });
  expect(await list()).toMatchObject([{ state: 'active' }, { state: 'coming' }]);
  await runJobs(management());
  expect(await lastJob()).toMatchObject({ state: 'done' });
  const current = await claims.currentOf(parseOrganizationId('acme'));
  expect(new Set(current.map(({ generation }) => generation))).toEqual(new Set([2]));
  const batches = (await management().store.tables.audit.after(0, 1_000)).filter(({ act }) => act === 'claim.renew');
  expect(batches.map(({ detail }) => JSON.parse(detail).count)).toEqual([200, 200, 50]);
});

test('nothing is signed under an anchor that some claims do not name yet', async () => {
  const [first] = await list();
  await add();
  await runJobs(management());
  await publish();
  await remove(first?.fingerprint ?? '');
  // Only one that is still coming would be left.
  await runJobs(management());
  await add();
  const left = (await list()).find(({ state }) => state === 'active');
  await expect(remove(left?.fingerprint ?? '')).rejects.toMatchObject({ code: 'in-use' });
  expect((await publish()).sequence).toBe(3);
});

test('an anchor that is added while a job ends is named by its own job, not by that one', async () => {
  await add(caOf('First').pem);
  const { store } = management();
  let transactions = 0;
  const transaction = (async (work) => {
    const result = await store.transaction(work);
    transactions += 1;
    // Signed, told how far, looked once more and found nothing: now it would end.
    if (transactions === 3) await add(caOf('Second').pem);
    return result;
  }) as typeof store.transaction;
  await runJobs({ ...management(), store: { ...store, transaction } });
  expect(await publishersIn('SN-1')).toHaveLength(2);
  expect((await list()).filter(({ state }) => state === 'coming')).toHaveLength(2);
  await runJobs(management());
  expect(await publishersIn('SN-1')).toHaveLength(3);
  expect((await list()).map(({ state }) => state)).toEqual(['active', 'active', 'active']);
});

test('the last one, and one that a served profile is signed under, stays', async () => {
  const [hosted] = await list();
  await expect(remove(hosted?.fingerprint ?? '')).rejects.toMatchObject({ code: 'in-use' });
  await add(caOf('Acme publisher CA').pem);
  await runJobs(management());
  await expect(remove(hosted?.fingerprint ?? '')).rejects.toMatchObject({
    code: 'in-use',
    message:
      'The profile of plant is signed under it, and devices would refuse it: publish with another publisher first.',
  });
  await expect(remove('AB'.repeat(32))).rejects.toMatchObject({ code: 'not-found' });
  await add();
  await runJobs(management());
  await publish();
  expect(await remove(hosted?.fingerprint ?? '')).toMatchObject({ kind: 'hosted' });
  await runJobs(management());
  expect(await publishersIn('SN-1')).not.toContain(hosted?.fingerprint);
  expect((await world.contact(device, plant.chain)).kind).toBe('granted');
});

test('a CA that devices would not take, or whose key has another part here, is refused with what to do [D19]', async () => {
  const refusal = (pem: string) =>
    add(pem)
      .then(() => 'taken')
      .catch((error: Error) => error.message);
  const leaf = ['basicConstraints=critical,CA:FALSE'];
  const limited = ['basicConstraints=critical,CA:TRUE', 'nameConstraints=critical,permitted;DNS:example.com'];
  const serverOnly = ['basicConstraints=critical,CA:TRUE', 'extendedKeyUsage=serverAuth'];
  const weak = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'];
  const ca = plant.ca.certificate;
  const anchor = world.fixture.anchor.certificate;
  const [hosted] = await list();
  const own = caOf('Own');
  const cases: readonly (readonly [string, RegExp])[] = [
    [caOf('Leaf', { extensions: leaf }).pem, /not a CA's/],
    [caOf('Plain', { extensions: ['basicConstraints=CA:TRUE'] }).pem, /not critical/],
    [caOf('Weak', { key: weak }).pem, /too weak/],
    [caOf('Limited', { extensions: limited }).pem, /limited to certain names/],
    [caOf('Server', { extensions: serverOnly }).pem, /may not issue publishers/],
    [pemOf(ca.der), /has another part here/],
    [pemOf(anchor.der), /has another part here/],
    [pemOf(world.maker.certificate.der), /not critical|has another part here/],
    [hosted?.certificate ?? '', /has another part here/],
    [`${own.pem}${own.keyPem}`, /contains a private key/],
    [own.pem + own.pem, /2 certificates/],
    ['nothing', /not a certificate in PEM/],
  ];
  for (const [pem, sentence] of cases) expect(await refusal(pem)).toMatch(sentence);
  const publicRoot = { ...management(), publicRootKeys: parseChainPem(own.pem).map(({ publicKey }) => publicKey.der) };
  await expect(addPublisher(publicRoot, acme, { organization: 'acme', certificate: own.pem })).rejects.toThrow(
    /public web/,
  );
  await add(own.pem);
  expect(await refusal(own.pem)).toMatch(/has a publisher anchor with this key already/);
  // The other way round: its key is no inspection CA's from now on.
  const added = addInspectionCa(management(), acme, {
    ...inPlant,
    certificate: upload(own.der),
    permittedNames: ['*'],
  });
  await expect(added).rejects.toThrow(/key of a service anchor or publisher anchor/);
});

test('at most four, and no more than fit beside a profile; a failed one leaves nothing', async () => {
  for (const name of ['A', 'B', 'C']) await add(caOf(name).pem);
  await expect(add(caOf('D').pem)).rejects.toMatchObject({ code: 'limit-reached' });
  expect(await list()).toHaveLength(4);
});

test('two organizations may have the same CA: nobody takes it away from the other by being first', async () => {
  await world.organization('other');
  const own = caOf('Group publisher CA');
  await addPublisher(management(), approverOf('other'), { organization: 'other', certificate: own.pem });
  await add(own.pem);
  await runJobs(management());
  expect(await publishersIn('SN-1')).toContain(fingerprintOf(own.der));
});

test('a warning for a CA that ends soon, or stands below another', async () => {
  world.fixture.advance(3_650 * 86_400 - 300 * 86_400);
  expect((await add(caOf('Acme publisher CA').pem)).warnings).toEqual([
    'This CA ends within 400 days, and no profile outlives it: plan what follows it.',
  ]);
});

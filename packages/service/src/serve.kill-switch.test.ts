// kill -9 while a kill switch is under way: after each start it goes on where it was, and what a device gets is always one whole epoch.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, type Job } from '@windlass/management';
import { type AcceptContext, type AcceptedAnswer, parseSerial } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pemOf } from './certificates.ts';
import { openManagementStore } from './store/management-store.ts';
import {
  acceptOver,
  addManufacturer,
  bootstrapOver,
  initializeService,
  type ServiceFixture,
} from './testing/service-fixture.ts';
import { makeCa, makeDevice, makeLeaf } from './testing/test-pki.ts';

const CLAIMS = 600;
const START_TIMEOUT_MILLISECONDS = 30_000;
/** It is killed so long after its start: each time a little later. */
const lifeMilliseconds = (cycle: number) => 60 + cycle * 250;

let fixture: ServiceFixture;
let started: ChildProcess | null = null;
beforeEach(async () => {
  fixture = await initializeService();
});
afterEach(() => {
  started?.kill('SIGKILL');
  fixture.remove();
});

/** The whole service as a process of its own, from the sources. Its URLs. */
async function startChild(): Promise<Readonly<Record<string, string>>> {
  const script = `import { serve } from ${JSON.stringify(new URL('./serve.ts', import.meta.url).href)};
    const { urls } = await serve({ configFile: ${JSON.stringify(fixture.configFile)}, log: 'silent' });
    console.log(JSON.stringify(urls));`;
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started = child;
  const lines = createInterface({ input: child.stdout, signal: AbortSignal.timeout(START_TIMEOUT_MILLISECONDS) });
  for await (const line of lines) return JSON.parse(line);
  throw new Error('The service ended before it listened.');
}

async function kill(): Promise<void> {
  const child = started;
  if (child === null) return;
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  started = null;
}

test('devices get the old epoch or the new one, whole, whenever the service is killed; in the end the new one', {
  timeout: 180_000,
}, async () => {
  const adminToken = readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();
  const inPlant = { organization: 'acme', network: 'plant' };
  const proxy = makeCa('Plant proxy');
  let urls = await startChild();
  const as = (token: string) => createClient({ url: urls['management'] ?? '', token });
  const device = makeDevice('SN-1', await addManufacturer(fixture, urls['management'] ?? ''));
  const { approverToken } = await as(adminToken).addOrganization({ name: 'acme' });
  await as(approverToken).addNetwork({ organization: 'acme', name: 'plant' });
  const certificate = Buffer.from(pemOf(proxy.certificate.der)).toString('base64');
  const ca = { ...inPlant, certificate, permittedNames: ['*'] };
  const { fingerprint } = await as(approverToken).addInspectionCa(ca);
  await as(approverToken).approveInspectionCa({ ...inPlant, fingerprint, sha256: fingerprint });
  await as(approverToken).publishProfile(inPlant);
  await as(adminToken).addClaim({ serial: 'SN-1', organization: 'acme', network: 'plant' });
  await kill();
  await multiplyClaims();

  urls = await startChild();
  const asked = await as(approverToken).killSwitch({ organization: 'acme', reason: 'stolen', newPublisher: true });
  const job = async (): Promise<Job> => (await as(approverToken).listJobs({ job: asked.id })).items[0] ?? asked;
  let before: Partial<Pick<AcceptContext, 'floors' | 'held'>> = {};
  const seen: number[] = [];
  let lives = 0;
  do {
    await new Promise((resolve) => setTimeout(resolve, lifeMilliseconds(lives)));
    await kill();
    lives += 1;
    urls = await startChild();
    const sent = await bootstrapOver(urls['device-http'] ?? '', device, [makeLeaf(proxy)]);
    const accepted: AcceptedAnswer = acceptOver(fixture, device, sent, before);
    if (accepted.kind !== 'granted') throw new Error(`The device was told ${accepted.kind}.`);
    before = { floors: accepted.floors };
    seen.push(accepted.claim.claim.epoch);
  } while ((await job()).state !== 'done' && lives < 40);
  expect(await job()).toMatchObject({ state: 'done', done: CLAIMS + 1, total: CLAIMS + 1 });
  expect(lives).toBeGreaterThan(1);
  expect(seen[0]).toBe(1);
  expect([...seen].sort()).toEqual(seen);
  const sent = await bootstrapOver(urls['device-http'] ?? '', device, [makeLeaf(proxy)]);
  expect(acceptOver(fixture, device, sent, before)).toMatchObject({ kind: 'granted', decision: { epoch: 2 } });
  expect(await as(adminToken).listAudit({ limit: 1 })).toMatchObject({ entries: [{ act: 'organization.epoch' }] });
});

/** As many devices as take a while; the service is not running. */
async function multiplyClaims(): Promise<void> {
  const store = await openManagementStore(join(fixture.directory, 'management.db'), 'write');
  const [template] = await store.tables.claims.withSerial(parseSerial('SN-1'));
  if (template === undefined) throw new Error('There is no claim.');
  await store.transaction(async ({ claims }) => {
    for (let index = 2; index <= CLAIMS; index++) await claims.add({ ...template, serial: parseSerial(`SN-${index}`) });
  });
  await store.close();
}

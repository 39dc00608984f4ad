// What people do with an observation, by commands alone: a device that was claimed meets a box that nobody approved.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InspectionCaEntry, Observation } from '@windlass/management';
import { toPem } from '@windlass/x509';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from '../../service/src/serve.ts';
import { addManufacturer, bootstrapOver, initializeService } from '../../service/src/testing/service-fixture.ts';
import { makeCa, makeDevice, makeLeaf } from '../../service/src/testing/test-pki.ts';
import { runProgram } from './program.ts';
import { recordingTerminal } from './recording-terminal.ts';

const proxy = makeCa('Plant proxy');
const inAcme = ['--organization', 'acme'];
const inPlant = [...inAcme, '--network', 'plant'];
let fixture: Awaited<ReturnType<typeof initializeService>>;
let service: Awaited<ReturnType<typeof serve>>;
let approver = '';
let id = '';

beforeAll(async () => {
  fixture = await initializeService();
  service = await serve({ configFile: fixture.configFile, log: 'silent' });
  const admin = readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();
  const maker = await addManufacturer(fixture, service.urls['management'] ?? '');
  const tokenFile = join(fixture.parent, 'approver');
  await attempt(admin, 'organization', 'add', 'acme', '--token-file', tokenFile);
  approver = readFileSync(tokenFile, 'utf8').trim();
  await run('network', 'add', 'plant', ...inAcme);
  await attempt(admin, 'claim', 'add', '--serial', 'SN-1', ...inPlant);
  writeFileSync(join(fixture.parent, 'proxy.pem'), toPem('CERTIFICATE', proxy.certificate.der));
  await bootstrapOver(service.urls['device-http'] ?? '', makeDevice('SN-1', maker), [makeLeaf(proxy), proxy]);
});
afterAll(async () => {
  await service.close();
  fixture.remove();
});

async function attempt(token: string, ...argv: readonly string[]) {
  const terminal = recordingTerminal({ WINDLASS_URL: service.urls['management'] ?? '', WINDLASS_TOKEN: token });
  await runProgram(argv, terminal);
  return terminal.written;
}

async function run(...argv: readonly string[]): Promise<string> {
  const { out, err, exitCode } = await attempt(approver, ...argv);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${err}`);
  return out;
}

async function list(...argv: readonly string[]): Promise<readonly Observation[]> {
  return (JSON.parse(await run('observation', 'list', ...inAcme, ...argv, '--json')) as { items: Observation[] }).items;
}

test('it is listed with where it was, and asked about', async () => {
  const [found] = await list();
  expect(found).toMatchObject({ networks: ['plant'], serials: ['SN-1'], state: 'new', issuer: 'CN=Plant proxy' });
  id = found?.id ?? '';
  expect(await run('observation', 'list', ...inAcme)).toMatch(new RegExp(`observation +${id}[\\s\\S]*on +plant`));
  const asked = await run('observation', 'ask', id, '--note', 'Is it ours?', ...inAcme);
  expect(asked).toMatch(/^The approvers are asked[\s\S]*asked about[\s\S]*Is it ours\?/);
  expect(await run('alert', 'list', ...inAcme)).toMatch(/observation-asked +observation acme\/.*somebody asks about/);
});

test('it is linked to the CA that somebody added, which stays a draft', async () => {
  const added = await run(
    'inspection-ca',
    'add',
    join(fixture.parent, 'proxy.pem'),
    '--permit',
    '*',
    ...inPlant,
    '--json',
  );
  const { fingerprint } = JSON.parse(added) as InspectionCaEntry;
  const linked = await run('observation', 'link', id, '--fingerprint', fingerprint, ...inPlant);
  expect(linked).toMatch(
    /^It is linked\. Devices trust the CA when it is approved[\s\S]*linked to +CN=Plant proxy on plant, draft/,
  );
  const other = '00'.repeat(32);
  const refused = await attempt(approver, 'observation', 'link', id, '--fingerprint', other, ...inPlant);
  expect(refused).toMatchObject({ exitCode: 1, err: expect.stringMatching(/no inspection CA with this fingerprint/) });
});

test('it is put aside, and is there with --all', async () => {
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  expect(await run('observation', 'ignore', id, '--until', until, ...inAcme)).toMatch(
    /^It is put aside\.[\s\S]*ignored/,
  );
  expect(await list()).toEqual([]);
  expect(await list('--all')).toMatchObject([{ id, state: 'ignored' }]);
});

test('it is hostile: its CA is not approved until an approver clears it', async () => {
  expect(await run('observation', 'hostile', id, '--reason', 'not ours', ...inAcme)).toMatch(/HOSTILE/);
  const approve = ['inspection-ca', 'approve', '--certificate', join(fixture.parent, 'proxy.pem'), ...inPlant];
  const refused = await attempt(approver, ...approve);
  expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining(`is marked hostile (observation ${id})`) });
  expect(await run('observation', 'clear', id, '--reason', 'it is ours', ...inAcme)).toMatch(/^Nothing is said of it/);
  expect(await run(...approve)).toMatch(/^The inspection CA is approved for plant/);
  expect(await list()).toMatchObject([{ id, state: 'new' }]);
  await run('profile', 'publish', ...inPlant);
  expect(await list('--all')).toEqual([]);
});

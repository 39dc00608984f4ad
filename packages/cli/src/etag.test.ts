// What was looked at is changed only while it is the same: the etag of a show command, given to the command that changes it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkDetail, Person } from '@windlass/management';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from '../../service/src/serve.ts';
import { initializeService } from '../../service/src/testing/service-fixture.ts';
import { runProgram } from './program.ts';
import { recordingTerminal } from './recording-terminal.ts';

const work = mkdtempSync(join(tmpdir(), 'windlass-etag-'));
let fixture: Awaited<ReturnType<typeof initializeService>>;
let service: Awaited<ReturnType<typeof serve>>;
let approver = '';

beforeAll(async () => {
  fixture = await initializeService();
  service = await serve({ configFile: fixture.configFile, log: 'silent' });
  const admin = readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();
  await run(admin, 'organization', 'add', 'acme', '--token-file', join(work, 'approver'));
  approver = readFileSync(join(work, 'approver'), 'utf8').trim();
  await run(approver, 'network', 'add', 'plant', '--organization', 'acme');
});
afterAll(async () => {
  await service.close();
  fixture.remove();
  rmSync(work, { recursive: true, force: true });
});

async function run(token: string, ...argv: readonly string[]) {
  const terminal = recordingTerminal({ WINDLASS_URL: service.urls['management'] ?? '', WINDLASS_TOKEN: token });
  await runProgram(argv, terminal);
  return terminal.written;
}

const inPlant = ['--organization', 'acme', '--network', 'plant'];
const addEndpoint = (name: string, ...more: readonly string[]) =>
  run(
    approver,
    'endpoint',
    'add',
    name,
    '--host',
    'app.example',
    '--port',
    '443',
    '--protocol',
    'https',
    ...inPlant,
    ...more,
  );

async function look(): Promise<NetworkDetail & { etag: string }> {
  const { out } = await run(approver, 'network', 'show', 'plant', '--organization', 'acme', '--json');
  return JSON.parse(out) as NetworkDetail & { etag: string };
}

test('the first does it, who looked at the same before is told to look again', async () => {
  const { etag, endpoints } = await look();
  expect(endpoints).toEqual([]);
  expect((await addEndpoint('cloud', '--if-match', etag)).exitCode).toBe(0);
  const { err, exitCode } = await addEndpoint('late', '--if-match', etag);
  expect(err).toMatch(/It was changed since you looked at it, and nothing was done: look again/);
  expect(exitCode).not.toBe(0);
  const now = await look();
  expect(now.endpoints.map(({ name }) => name)).toEqual(['cloud']);
  expect((await addEndpoint('second', '--if-match', `"${now.etag}"`)).exitCode).toBe(0);
});

test('what is shown for people has no etag', async () => {
  const { out } = await run(approver, 'network', 'show', 'plant', '--organization', 'acme');
  expect(out).toMatch(/Network plant of acme/);
  expect(out).toMatch(/cloud +https +app\.example:443\n/);
  expect(out).not.toMatch(/etag/i);
});

test('people, inspection CAs, transfers and publishers are shown alone', async () => {
  const person = JSON.parse(
    (await run(approver, 'person', 'show', 'acme-approver', '--organization', 'acme', '--json')).out,
  );
  expect(person).toMatchObject({
    person: 'acme-approver',
    roles: ['approver'],
    etag: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect((person as Person).disabled).toBeNull();
  const list = await run(approver, 'publisher', 'list', '--organization', 'acme', '--json');
  const { fingerprint } = JSON.parse(list.out).items[0];
  expect((await run(approver, 'publisher', 'show', fingerprint, '--organization', 'acme')).out).toContain(fingerprint);
  const ca = await run(approver, 'inspection-ca', 'show', fingerprint, ...inPlant);
  expect(ca.err).toMatch(/has no inspection CA with this fingerprint/);
  const transfer = await run(approver, 'transfer', 'show', 'ab'.repeat(16));
  expect(transfer.err).toMatch(/There is no transfer/);
});

import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { toPem } from '@windlass/x509';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RunningService, serve } from './serve.ts';
import { DEVICE_DATABASE } from './store/device-schema.ts';
import { managementDatabase } from './store/management-migrations.ts';
import { openSqlite } from './store/sqlite.ts';
import {
  acceptOver,
  addManufacturer,
  bootstrapOver,
  initializeService,
  letIn,
  manage,
  reportOver,
  type ServiceFixture,
} from './testing/service-fixture.ts';
import { makeCa, makeDevice, makeLeaf } from './testing/test-pki.ts';

let fixture: ServiceFixture;
let running: RunningService[] = [];
beforeEach(async () => {
  fixture = await initializeService();
});
afterEach(async () => {
  for (const service of running) await service.close();
  running = [];
  fixture.remove();
});

async function start(only?: 'device' | 'management', configFile = fixture.configFile): Promise<RunningService> {
  const service = await serve({ configFile, log: 'silent', ...(only === undefined ? {} : { only }) });
  running.push(service);
  return service;
}

const changeConfig = (from: string | RegExp, to: string) => {
  writeFileSync(fixture.configFile, readFileSync(fixture.configFile, 'utf8').replace(from, to));
};
const responders = () => join(fixture.directory, 'keys', 'responders');
const adminToken = () => readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();

test('both halves in one process: from a new service to a device that is granted its profile', async () => {
  const { urls } = await start();
  const management = urls['management'] ?? '';
  const devices = urls['device-http'] ?? '';
  const device = makeDevice('pump-1', await addManufacturer(fixture, management));
  expect(acceptOver(fixture, device, await bootstrapOver(devices, device, []))).toMatchObject({ kind: 'unclaimed' });
  const { approverToken = '' } = await manage(management, adminToken(), '/v1/organizations', { name: 'acme' });
  const box = makeCa('Box CA');
  const acme = (path: string, body: object) => manage(management, approverToken, `/v1/organizations/acme${path}`, body);
  await acme('/networks', { name: 'plant' });
  await letIn(acme, 'plant', box);
  await acme('/networks/plant/profiles', {});
  await manage(management, adminToken(), '/v1/claims', { serial: 'pump-1', organization: 'acme' });
  const accepted = acceptOver(fixture, device, await bootstrapOver(devices, device, [makeLeaf(box)]));
  expect(accepted).toMatchObject({ kind: 'granted', profile: { profile: { network: 'plant' } } });
  await reportOver(devices, device, 1);
});

test('[S13] the device side starts and answers with every other key absent', async () => {
  const { urls } = await start('management');
  const device = makeDevice('pump-1', await addManufacturer(fixture, urls['management'] ?? ''));
  const elsewhere = join(fixture.parent, 'device-side');
  mkdirSync(join(elsewhere, 'keys'), { recursive: true });
  cpSync(responders(), join(elsewhere, 'keys', 'responders'), { recursive: true });
  await running.pop()?.close();
  for (const name of ['windlass.toml', 'service-anchor.pem', 'device.db', 'management.db']) {
    copyFileSync(join(fixture.directory, name), join(elsewhere, name));
  }
  expect(readdirSync(join(elsewhere, 'keys'))).toEqual(['responders']);
  expect(readdirSync(join(elsewhere, 'keys', 'responders'))).toEqual(['001.key', '001.pem', '002.key', '002.pem']);
  const deviceSide = await start('device', join(elsewhere, 'windlass.toml'));
  expect(Object.keys(deviceSide.urls)).toEqual(['device-http']);
  const sent = await bootstrapOver(deviceSide.urls['device-http'] ?? '', device, []);
  expect(acceptOver(fixture, device, sent)).toMatchObject({ kind: 'unclaimed' });
});

test('[S13] what the device side opens of management.db cannot be written', async () => {
  await start('device');
  const file = join(fixture.directory, 'management.db');
  const { database, close } = await openSqlite(file, managementDatabase, 'read');
  for (const table of ['claims', 'profiles', 'audit', 'tokens', 'manufacturers']) {
    const write = sql`delete from ${sql.table(table)}`.execute(database);
    await expect(write).rejects.toMatchObject({ name: 'StoreError', code: 'unreadable' });
  }
  await close();
});

test('the halves are two processes when wanted: the management side starts without any responder', async () => {
  const device = await start('device');
  rmSync(responders(), { recursive: true });
  const management = await start('management');
  expect(Object.keys(management.urls)).toEqual(['management']);
  const maker = await addManufacturer(fixture, management.urls['management'] ?? '');
  const pump = makeDevice('pump-1', maker);
  const sent = await bootstrapOver(device.urls['device-http'] ?? '', pump, []);
  expect(acceptOver(fixture, pump, sent)).toMatchObject({ kind: 'unclaimed' });
});

test('the management side hands a responder over when it starts, and each hour', async () => {
  const later = join(fixture.directory, 'keys', 'responders-later');
  const wait = () => cpSync(responders(), later, { recursive: true });
  wait();
  rmSync(responders(), { recursive: true });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    await start();
    expect(readdirSync(responders())).toEqual(['001.key', '001.pem', '002.key', '002.pem']);
    wait();
    rmSync(responders(), { recursive: true });
    vi.advanceTimersByTime(3_600_000);
    expect(readdirSync(responders())).toEqual(['001.key', '001.pem', '002.key', '002.pem']);
    expect(readdirSync(later)).not.toContain('001.key');
  } finally {
    vi.useRealTimers();
  }
});

test('health of the management side warns of what it may not read, and answers', async () => {
  const { urls } = await start();
  const health = async () => (await fetch(`${urls['management']}/healthz`)).json();
  expect(await health()).toMatchObject({ status: 'ok', responder: { warnings: [] } });
  rmSync(responders(), { recursive: true });
  writeFileSync(responders(), 'a directory that cannot be read');
  expect(await health()).toMatchObject({
    status: 'warning',
    responder: { warnings: [expect.stringMatching(/^keys\/responders cannot be read: check its owner/)] },
  });
  rmSync(responders());
  mkdirSync(responders());
  writeFileSync(join(responders(), '001.pem'), 'no certificate');
  expect(await health()).toMatchObject({
    responder: { warnings: [expect.stringMatching(/^keys\/responders\/001.pem cannot be read/)] },
  });
});

test('each device listener is told with the address that it is bound to, and by the name of the service', async () => {
  const { urls, deviceListeners } = await start();
  const { port } = new URL(urls['device-http'] ?? '');
  expect(deviceListeners).toEqual({
    'device-http': { address: `0.0.0.0:${port}`, url: `http://bootstrap.example:${port}` },
  });
});

test('health tells of the responders, and nothing of where they are', async () => {
  const { urls } = await start('device');
  const health = async () => (await fetch(`${urls['device-http']}/healthz`)).json();
  expect(await health()).toMatchObject({ status: 'ok', service: 'bootstrap.example', responder: { warnings: [] } });
});

test('closing twice is closing once, and nothing listens after it', async () => {
  const { urls, close } = await start();
  await Promise.all([close(), close()]);
  for (const url of Object.values(urls)) await expect(fetch(url)).rejects.toThrow();
});

test('without a responder, or with one whose key is gone or of others: one sentence, nothing stays open', async () => {
  for (const name of readdirSync(responders()).filter((file) => file.endsWith('.key'))) {
    if (name !== '001.key') rmSync(join(responders(), name));
  }
  copyFileSync(join(responders(), '001.key'), join(responders(), '002.key'));
  const { close } = await start('device');
  await close();
  rmSync(join(responders(), '001.key'));
  await expect(start('device')).rejects.toMatchObject({ name: 'ConfigError', code: 'no-responder' });
  await expect(start()).rejects.toThrow(/No responder in .* is valid now: issue more with "windlass signer issue/);
  await start('management');
});

test('a port that is in use: one sentence with the port, and the other half is closed again', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '0.0.0.0', resolve));
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  changeConfig('http-port = 0', `http-port = ${port}`);
  await expect(start()).rejects.toThrow(
    new RegExp(`Another program listens on port ${port}: end it, or choose another port`),
  );
  await expect(start('device')).rejects.toMatchObject({ name: 'ConfigError', code: 'port-in-use' });
  await new Promise((resolve) => blocker.close(resolve));
  await start();
});

test('files that are missing or something else: one sentence each', async () => {
  const anchor = join(fixture.directory, 'service-anchor.pem');
  const text = readFileSync(anchor);
  writeFileSync(anchor, 'no certificate');
  await expect(start()).rejects.toThrow(/service-anchor.pem has no certificate that can be read/);
  rmSync(anchor);
  await expect(start('device')).rejects.toThrow(/service-anchor.pem cannot be read: check the path/);
  writeFileSync(anchor, text);
  rmSync(join(fixture.directory, 'device.db'));
  await expect(start()).rejects.toThrow(/device.db does not exist: make it with "windlass init"/);
  await expect(start('management')).rejects.toMatchObject({ name: 'StoreError', code: 'missing' });
  expect(existsSync(join(fixture.directory, 'device.db'))).toBe(false);
});

test('databases that are swapped, old or new: one sentence each', async () => {
  const [device, management] = [join(fixture.directory, 'device.db'), join(fixture.directory, 'management.db')];
  copyFileSync(device, join(fixture.parent, 'kept.db'));
  copyFileSync(management, device);
  await expect(start()).rejects.toMatchObject({ name: 'StoreError', code: 'foreign' });
  copyFileSync(join(fixture.parent, 'kept.db'), device);
  const kind = {
    name: 'device',
    migrations: { ...DEVICE_DATABASE.migrations, '9999-later': { up: async () => {} } },
  } as const;
  await (await openSqlite(device, kind, 'write')).close();
  await expect(start()).rejects.toThrow(/device.db was written by a newer version of Windlass/);
});

test('HTTPS with files that are missing, or do not fit together', async () => {
  changeConfig('http-port = 0', 'http-port = 0\nhttps-port = 0\ntls-certificate = "tls.pem"\ntls-key = "tls.key"');
  await expect(start()).rejects.toThrow(/tls.pem cannot be read: check the path/);
  const leaf = makeLeaf(makeCa('TLS CA'));
  writeFileSync(join(fixture.directory, 'tls.pem'), toPem('CERTIFICATE', leaf.certificate.der));
  writeFileSync(join(fixture.directory, 'tls.key'), makeCa('X').key.export({ type: 'pkcs8', format: 'pem' }));
  await expect(start()).rejects.toMatchObject({ name: 'ConfigError', code: 'tls' });
  writeFileSync(join(fixture.directory, 'tls.key'), leaf.key.export({ type: 'pkcs8', format: 'pem' }));
  const { urls } = await start();
  expect(Object.keys(urls).sort()).toEqual(['device-http', 'device-https', 'management']);
  const device = makeDevice('pump-1', await addManufacturer(fixture, urls['management'] ?? ''));
  await manage(urls['management'] ?? '', adminToken(), '/v1/organizations', { name: 'acme' });
  await manage(urls['management'] ?? '', adminToken(), '/v1/claims', {
    serial: 'pump-1',
    organization: 'acme',
    manufacturer: 'test',
  });
  const accepted = acceptOver(fixture, device, await bootstrapOver(urls['device-http'] ?? '', device, [leaf]));
  expect(accepted).toMatchObject({ kind: 'not-inspected' });
});

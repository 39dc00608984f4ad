import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from './audit.ts';
import { loadConfig } from './config.ts';
import { initialize } from './initialize.ts';
import { openManagementStore } from './store/management-store.ts';
import { opensslCertificate } from './testing/management-fixture.ts';
import { actorOf } from './tokens.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'windlass-init-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const make = (more: Partial<Parameters<typeof initialize>[0]> = {}) =>
  initialize({ dir: join(root, 'd'), service: 'bootstrap.example', ...more });

test('a new service has everything, and secrets are for the owner alone', async () => {
  await make({ httpPort: 8080, managementPort: 9443 });
  const dir = join(root, 'd');
  expect(readdirSync(dir).sort()).toEqual([
    'admin-token',
    'device.db',
    'keys',
    'management.db',
    'offline',
    'service-anchor.pem',
    'windlass.toml',
  ]);
  const secrets = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => /\.key$|token$/.test(name));
  expect(secrets).toHaveLength(1 + 12 + 1 + 1);
  for (const name of secrets) expect([name, statSync(join(dir, name)).mode & 0o777]).toEqual([name, 0o600]);
  for (const name of ['keys', 'offline', 'keys/responders', 'keys/responders-later'])
    expect(statSync(join(dir, name)).mode & 0o777).toBe(0o700);
  for (const name of ['windlass.toml', 'service-anchor.pem']) expect(statSync(join(dir, name)).mode & 0o137).toBe(0);
  const names = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => String(first + index).padStart(3, '0'))
      .flatMap((name) => [`${name}.key`, `${name}.pem`])
      .sort();
  expect(readdirSync(join(dir, 'keys', 'responders')).sort()).toEqual(names(1, 2));
  expect(readdirSync(join(dir, 'keys', 'responders-later')).sort()).toEqual(names(3, 12));
  expect(readFileSync(join(dir, 'offline', 'service-anchor.pem'))).toEqual(
    readFileSync(join(dir, 'service-anchor.pem')),
  );
  const config = await loadConfig(join(dir, 'windlass.toml'));
  expect(config).toMatchObject({
    service: 'bootstrap.example',
    deviceListener: { httpPort: 8080 },
    managementListener: { port: 9443 },
    warnings: [],
  });
});

test("the admin's token is the admin's, and the beginning is in the audit", async () => {
  await make();
  const store = await openManagementStore(join(root, 'd', 'management.db'), 'write');
  const token = readFileSync(join(root, 'd', 'admin-token'), 'utf8').trim();
  const now = unixSeconds(Math.floor(Date.now() / 1000));
  expect(await actorOf(store.tables, token, '::1', now)).toMatchObject({ role: 'admin' });
  const management = { store } as unknown as Parameters<typeof listAudit>[0];
  expect((await listAudit(management, { organization: null })).entries).toMatchObject([
    { act: 'service.initialize', actor: 'system' },
  ]);
  await store.close();
});

test('nothing is overwritten; an empty directory is taken', async () => {
  await make();
  const before = readFileSync(join(root, 'd', 'service-anchor.pem'));
  await expect(make()).rejects.toThrow(/exists already and is not empty: name a new directory/);
  expect(readFileSync(join(root, 'd', 'service-anchor.pem'))).toEqual(before);
  mkdirSync(join(root, 'empty'));
  await make({ dir: join(root, 'empty') });
  writeFileSync(join(root, 'file'), '');
  await expect(make({ dir: join(root, 'file') })).rejects.toThrow(/exists already/);
});

test('what cannot work is one sentence, and leaves nothing behind', async () => {
  const { pem, keyPem } = opensslCertificate();
  const other = opensslCertificate();
  const [certificate, key, wrong] = ['c.pem', 'c.key', 'other.key'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(certificate, pem);
  writeFileSync(key, keyPem);
  writeFileSync(wrong, other.keyPem);
  const sentences: readonly (readonly [Partial<Parameters<typeof initialize>[0]>, RegExp])[] = [
    [{ service: 'not a name' }, /cannot be a service's name: give a DNS name/],
    [{ service: '10.0.0.1' }, /cannot be a service's name/],
    [{ httpPort: 70_000 }, /http-port must be a whole number/],
    [{ httpsPort: 443 }, /https-port needs tls-certificate and tls-key/],
    [{ httpsPort: 443, tlsCertificate: join(root, 'nowhere.pem'), tlsKey: key }, /nowhere\.pem cannot be read/],
    [{ httpsPort: 443, tlsCertificate: certificate, tlsKey: wrong }, /are not a certificate and its key/],
  ];
  for (const [more, sentence] of sentences) await expect(make(more)).rejects.toThrow(sentence);
  expect(readdirSync(root).sort()).toEqual(['c.key', 'c.pem', 'other.key']);
  await make({ httpsPort: 443, tlsCertificate: certificate, tlsKey: key });
  expect(existsSync(join(root, 'd', 'windlass.toml'))).toBe(true);
});

test('a directory that cannot be made is named', async () => {
  writeFileSync(join(root, 'file'), '');
  await expect(make({ dir: join(root, 'file', 'd') })).rejects.toThrow(
    /cannot be made: name a directory that can be written/,
  );
});

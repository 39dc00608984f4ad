import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvelope, prepareEnvelope, unixSeconds, verifySigner } from '@windlass/protocol';
import { trustAnchor } from '@windlass/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialize } from '../initialize.ts';
import { openssl, SERVICE } from '../testing/management-fixture.ts';
import { loadFileSigner, readCertificateFile } from './file.ts';
import { installSigners } from './install.ts';
import { issueSigners } from './issue.ts';
import { listSigners } from './key-directory.ts';
import { signEnvelope } from './ports.ts';

let root: string;
let dir: string;
let anchorKey: string;
const DAY = 86_400;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'windlass-signer-'));
  dir = join(root, 'service');
  await initialize({ dir, service: SERVICE });
  anchorKey = join(dir, 'offline', 'service-anchor.key');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const issue = (more: Partial<Parameters<typeof issueSigners>[0]> = {}) =>
  issueSigners({ anchorKey, role: 'responder', out: join(root, 'new'), ...more });

test('responders last a month, follow each other with a day of overlap, and have a key each [K5]', () => {
  const { signers } = issue({ count: 12, from: unixSeconds(1_900_000_000) });
  const times = signers.map(({ from, until }) => [Date.parse(from) / 1000, Date.parse(until) / 1000] as const);
  expect(times).toHaveLength(12);
  for (const [from, until] of times) expect(until - from).toBe(30 * DAY);
  times.slice(1).forEach(([from], index) => {
    const before = times[index]?.[1] ?? 0;
    expect(before - from).toBeGreaterThanOrEqual(DAY);
    expect(before - from).toBeLessThan(DAY + 3600);
  });
  const keys = signers.map(({ file }) => readFileSync(file.replace(/pem$/, 'key'), 'utf8'));
  expect(new Set(keys).size).toBe(12);
  for (const name of readdirSync(join(root, 'new'))) expect(statSync(join(root, 'new', name)).mode & 0o777).toBe(0o600);
});

test.each(['responder', 'claim-authority'] as const)(
  'a %s is what devices accept, and openssl sees the same [K1] [K2] [K3] [K4]',
  async (role) => {
    const [made] = issue({ role }).signers;
    const file = made?.file ?? '';
    const signer = loadFileSigner({ certificate: file, key: file.replace(/pem$/, 'key') });
    const opened = openEnvelope(await signEnvelope(signer, '{"type":"trial"}'), role);
    const anchors = readCertificateFile(join(dir, 'service-anchor.pem')).map((anchor) => trustAnchor(anchor));
    const time = unixSeconds(Math.floor(Date.now() / 1000));
    expect(() => verifySigner(opened, { role, anchors, time, service: SERVICE })).not.toThrow();
    const other = role === 'responder' ? 'claim-authority' : 'responder';
    expect(() => verifySigner(opened, { role: other, anchors, time, service: SERVICE })).toThrow(
      expect.objectContaining({ code: 'signer-purpose' }),
    );
    const trust = [
      '-CAfile',
      join(dir, 'service-anchor.pem'),
      '-no-CApath',
      '-no-CAstore',
      '-purpose',
      'any',
      '-x509_strict',
    ];
    expect(openssl(['verify', ...trust, file]).toString()).toMatch(/: OK$/m);
    expect(openssl(['x509', '-noout', '-ext', 'subjectAltName', '-in', file]).toString()).toContain(
      'DNS:bootstrap.example',
    );
  },
);

test('what was issued is installed under the next number, once, and found by the service', () => {
  issue({ count: 2 });
  const before = listSigners(join(dir, 'keys'), 'responder').length;
  const first = installSigners({ from: join(root, 'new'), dir });
  expect(first.signers.map(({ file, role }) => [file, role])).toEqual([
    [join(dir, 'keys', 'responders', '013.pem'), 'responder'],
    [join(dir, 'keys', 'responders', '014.pem'), 'responder'],
  ]);
  expect(first.warnings).toEqual([]);
  expect(installSigners({ from: join(root, 'new'), dir })).toEqual(first);
  expect(listSigners(join(dir, 'keys'), 'responder')).toHaveLength(before + 2);
  expect(statSync(join(dir, 'keys', 'responders', '013.key')).mode & 0o777).toBe(0o600);
});

test('what is installed for later waits on the management side, and is not with the device side', () => {
  issue({ count: 2, from: unixSeconds(Math.floor(Date.now() / 1000) + 300 * DAY) });
  const before = readdirSync(join(dir, 'keys', 'responders'));
  const { signers } = installSigners({ from: join(root, 'new'), dir });
  expect(signers.map(({ file }) => file)).toEqual([
    join(dir, 'keys', 'responders-later', '013.pem'),
    join(dir, 'keys', 'responders-later', '014.pem'),
  ]);
  expect(readdirSync(join(dir, 'keys', 'responders'))).toEqual(before);
  expect(installSigners({ dir })).toEqual({ signers: [], revocations: [], warnings: [] });
});

test('nothing is installed when one of them is wrong', async () => {
  const elsewhere = join(root, 'elsewhere');
  await initialize({ dir: elsewhere, service: SERVICE });
  issue({ count: 2 });
  const install = () => installSigners({ from: join(root, 'new'), dir });
  const installed = () => listSigners(join(dir, 'keys'), 'responder').length;
  const count = installed();
  const key = join(root, 'new', '002.key');
  const keyText = readFileSync(key);
  chmodSync(key, 0o640);
  expect(install).toThrow(/Others can read the key .*002\.key: run "chmod 600/);
  chmodSync(key, 0o600);
  writeFileSync(key, readFileSync(join(root, 'new', '001.key')));
  expect(install).toThrow(/is not that of the certificate beside it/);
  rmSync(key);
  expect(install).toThrow(/There is no file .*002\.key/);
  writeFileSync(key, keyText, { mode: 0o600 });
  expect(() => installSigners({ from: join(root, 'new'), dir: elsewhere })).toThrow(
    /was not issued by this service's anchor/,
  );
  const certificate = readFileSync(join(root, 'new', '002.pem'));
  writeFileSync(join(root, 'new', '002.pem'), readFileSync(join(dir, 'service-anchor.pem')));
  expect(install).toThrow(/was not issued by this service's anchor/);
  expect(installed()).toBe(count);
  writeFileSync(join(root, 'new', '002.pem'), certificate);
  expect(install().signers).toHaveLength(2);
});

test('a certificate that has ended, and a directory without any, are not installed', () => {
  issue({ from: unixSeconds(1_500_000_000) });
  expect(() => installSigners({ from: join(root, 'new'), dir })).toThrow(/has ended: issue a new one/);
  expect(() => installSigners({ from: join(root, 'nowhere'), dir })).toThrow(/There is no directory/);
  expect(() => installSigners({ from: dir, dir })).toThrow(/neither a responder's nor|was not issued by/);
});

test("issuing needs the anchor's own key and certificate, and a new directory", () => {
  issue();
  expect(() => issue()).toThrow(/exists already: name a new directory/);
  const out = join(root, 'other');
  expect(() => issue({ out, anchor: join(dir, 'keys', 'claim-authority', '001.pem') })).toThrow(
    /is not the certificate of the key/,
  );
  expect(() => issue({ out, anchorKey: join(dir, 'nowhere.key') })).toThrow(/There is no file/);
  expect(() => issue({ out, count: 0 })).toThrow(/from 1 to 120/);
  writeFileSync(join(root, 'bad.key'), 'hello', { mode: 0o600 });
  expect(() => issue({ out, anchorKey: join(root, 'bad.key') })).toThrow(/no private key that can be read/);
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
});

test("a key file that others can read, that is another's, or that is none, does not sign", () => {
  const [first, second] = ['001', '002'].map((name) => ({
    certificate: join(dir, 'keys', 'responders', `${name}.pem`),
    key: join(dir, 'keys', 'responders', `${name}.key`),
  }));
  if (first === undefined || second === undefined) throw new Error('no files');
  expect(() => loadFileSigner({ ...first, key: second.key })).toThrow(/is not that of the certificate/);
  chmodSync(first.key, 0o604);
  expect(() => loadFileSigner(first)).toThrow(expect.objectContaining({ code: 'signer-permissions' }));
  expect(() => loadFileSigner({ ...second, certificate: second.key })).toThrow(/no certificate that can be read/);
});

test.each([
  ['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ['P-384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']],
])('a %s key in a file signs too, as an organization may have it', async (name, key) => {
  const [keyFile, certificateFile] = [join(root, 'k.key'), join(root, 'k.pem')];
  openssl(['genpkey', ...key, '-out', keyFile]);
  chmodSync(keyFile, 0o600);
  openssl(['req', '-x509', '-new', '-key', keyFile, '-subj', `/CN=${name}`, '-days', '30', '-out', certificateFile]);
  const signer = loadFileSigner({ certificate: certificateFile, key: keyFile });
  const prepared = prepareEnvelope({ payload: '{}', chain: signer.chain });
  const envelope = prepared.finish(await signer.sign(prepared.toBeSigned, prepared.algorithm));
  expect(() => openEnvelope(envelope, 'publisher')).not.toThrow();
  await expect(signer.sign(prepared.toBeSigned, 'ed25519')).rejects.toMatchObject({ code: 'signer-mismatch' });
});

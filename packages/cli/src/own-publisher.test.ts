// An organization that signs its profiles itself, by commands alone: its CA is added, the draft is signed by the very command that was
// printed, with keys of each kind in files and in a PKCS#11 token, and a device accepts what came of it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, ProfileDraft, PublishedProfile } from '@windlass/management';
import { toPem } from '@windlass/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../service/src/serve.ts';
import {
  acceptOver,
  addManufacturer,
  bootstrapOver,
  initializeService,
} from '../../service/src/testing/service-fixture.ts';
import { makeCa, makeDevice, makeLeaf, type TestDevice } from '../../service/src/testing/test-pki.ts';
import { runProgram } from './program.ts';
import { recordingTerminal } from './recording-terminal.ts';

const work = mkdtempSync(join(tmpdir(), 'windlass-own-publisher-'));
const softhsm = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
].find((file) => existsSync(file));
const engine = ['x86_64', 'aarch64'].some((machine) => existsSync(`/usr/lib/${machine}-linux-gnu/engines-3/pkcs11.so`));
const tokenIsReady = softhsm !== undefined && engine;
if (!tokenIsReady && process.env['CI'] === 'true')
  throw new Error('softhsm2 and libengine-pkcs11-openssl are missing.');
if (!tokenIsReady)
  process.stderr.write('\n*** NOT RUN: keys in a PKCS#11 token: softhsm2 or libengine-pkcs11-openssl is missing\n\n');

const proxy = makeCa('Plant proxy');
const inFiles = (name: string) => join(work, name);
let fixture: Awaited<ReturnType<typeof initializeService>>;
let service: Awaited<ReturnType<typeof serve>>;
let device: TestDevice;
let approver = '';
let admin = '';
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  fixture = await initializeService();
  service = await serve({ configFile: fixture.configFile, log: 'silent' });
  admin = readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();
  const maker = await addManufacturer(fixture, service.urls['management'] ?? '');
  device = makeDevice('SN-1', maker);
  await run(admin, 'organization', 'add', 'acme', '--token-file', inFiles('approver'));
  approver = readFileSync(inFiles('approver'), 'utf8').trim();
  await run(approver, 'network', 'add', 'plant', '--organization', 'acme');
  writeFileSync(inFiles('proxy.pem'), toPem('CERTIFICATE', proxy.certificate.der));
  await run(approver, 'inspection-ca', 'add', inFiles('proxy.pem'), '--permit', '*', ...inPlant);
  await run(approver, 'inspection-ca', 'approve', '--certificate', inFiles('proxy.pem'), ...inPlant);
  await run(approver, 'profile', 'publish', ...inPlant);
  await run(admin, 'claim', 'add', '--serial', 'SN-1', '--organization', 'acme', '--network', 'plant');
  environment = { ...process.env, SOFTHSM2_CONF: inFiles('softhsm2.conf'), PKCS11_MODULE_PATH: softhsm ?? '' };
});

afterAll(async () => {
  await service.close();
  fixture.remove();
  rmSync(work, { recursive: true, force: true });
});

const inPlant = ['--organization', 'acme', '--network', 'plant'];

async function attempt(token: string, ...argv: readonly string[]) {
  const terminal = recordingTerminal({ WINDLASS_URL: service.urls['management'] ?? '', WINDLASS_TOKEN: token });
  await runProgram(argv, terminal);
  return terminal.written;
}

async function run(token: string, ...argv: readonly string[]): Promise<string> {
  const { out, err, exitCode } = await attempt(token, ...argv);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${err}`);
  return out;
}

async function json<Answer>(...argv: readonly string[]): Promise<Answer> {
  return JSON.parse(await run(approver, ...argv, '--json')) as Answer;
}

const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });

/** A publisher's CA and a publisher's certificate, as the operating document says to make them. */
function makePublisher(name: string, keyOptions: readonly string[]): void {
  const extensions = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=2.25.253403436449784854204672248200112754133.3',
    'subjectAltName=URI:windlass://bootstrap.example/organizations/acme',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
  ];
  writeFileSync(inFiles('publisher.ext'), extensions.join('\n'));
  const ca = [`/CN=${name} publisher CA`, '-days', '3650', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  openssl('genpkey', ...keyOptions, '-out', inFiles(`${name}-ca.key`));
  openssl('req', '-x509', '-new', '-key', inFiles(`${name}-ca.key`), '-out', inFiles(`${name}-ca.pem`), '-subj', ...ca);
  openssl('genpkey', ...keyOptions, '-out', inFiles(`${name}.key`));
  openssl(
    'req',
    '-new',
    '-key',
    inFiles(`${name}.key`),
    '-subj',
    `/CN=${name} publisher`,
    '-out',
    inFiles(`${name}.csr`),
  );
  const issuer = ['-CA', inFiles(`${name}-ca.pem`), '-CAkey', inFiles(`${name}-ca.key`), '-set_serial', '7'];
  const leaf = ['-days', '300', '-extfile', inFiles('publisher.ext'), '-out', inFiles(`${name}.pem`)];
  openssl('x509', '-req', '-in', inFiles(`${name}.csr`), ...issuer, ...leaf);
}

/** The CA is a publisher anchor that every claim names. */
async function addAnchor(name: string): Promise<void> {
  await run(approver, 'publisher', 'add', '--organization', 'acme', '--anchor', inFiles(`${name}-ca.pem`));
  await expect.poll(async () => (await lastJob()).state, { timeout: 20_000 }).toBe('done');
}

const lastJob = async () => (await json<{ items: Job[] }>('job', 'list', '--organization', 'acme')).items[0] as Job;

/** What a device at the proxy gets, checked as a device checks it. */
async function deviceGets() {
  const url = service.urls['device-http'] ?? '';
  return acceptOver(fixture, device, await bootstrapOver(url, device, [makeLeaf(proxy)]));
}

interface Case {
  readonly name: string;
  readonly key: readonly string[];
  /** Which of the printed commands. */
  readonly kind: string;
}

const rsa3072 = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072'];
const cases: readonly Case[] = [
  { name: 'rsa', key: rsa3072, kind: '# RSA (PKCS#1 v1.5)' },
  { name: 'pss', key: rsa3072, kind: '# RSA-PSS' },
  { name: 'p256', key: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], kind: '# ECDSA P-256' },
  { name: 'p384', key: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], kind: '# ECDSA P-384' },
];

/** The draft is made, signed by the printed command, and submitted; the device accepts it. Returns what was published. */
async function signAndSubmit({ name, kind }: Case, key: string): Promise<PublishedProfile> {
  const out = inFiles(`${name}-${key.startsWith('pkcs11:') ? 'token' : 'file'}.json`);
  const certificate = ['--publisher-certificate', inFiles(`${name}.pem`), '--key', key];
  const draft = await json<ProfileDraft & { commands: string[] }>(
    'profile',
    'draft',
    ...inPlant,
    ...certificate,
    '--out',
    out,
  );
  expect(readFileSync(out, 'utf8')).toBe(draft.payload);
  const command = draft.commands[draft.commands.indexOf(kind) + 1] ?? '';
  execFileSync('/bin/sh', ['-c', command], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const submit = ['profile', 'submit', '--payload', out, '--signature', `${out}.sig`, '--reason', 'our own key'];
  const published = await json<PublishedProfile>(...submit);
  expect(published).toMatchObject({ sequence: draft.sequence, digest: draft.digest, reason: 'our own key' });
  const accepted = await deviceGets();
  expect(accepted).toMatchObject({ kind: 'granted', profile: { digest: draft.digest } });
  return published;
}

describe('a publisher of the organization', () => {
  test.each(cases)('$kind, the key in a file', async (each) => {
    makePublisher(each.name, each.key);
    await addAnchor(each.name);
    await signAndSubmit(each, inFiles(`${each.name}.key`));
    // Four anchors at most: those before make room.
    const { items } = await json<{ items: { kind: string; fingerprint: string; subject: string }[] }>(
      'publisher',
      'list',
      '--organization',
      'acme',
    );
    for (const { fingerprint, subject } of items.filter((anchor) => !anchor.subject.includes(`CN=${each.name} `))) {
      expect(await run(approver, 'publisher', 'remove', fingerprint, '--organization', 'acme')).toContain(subject);
      await expect.poll(async () => (await lastJob()).state, { timeout: 20_000 }).toBe('done');
    }
    expect((await deviceGets()).kind).toBe('granted');
  });

  test.runIf(tokenIsReady).each(cases)('$kind, the key in a PKCS#11 token', async (each) => {
    const tokens = inFiles('tokens');
    mkdirSync(tokens, { recursive: true });
    writeFileSync(
      inFiles('softhsm2.conf'),
      `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    const hsm = (...args: readonly string[]) =>
      execFileSync('softhsm2-util', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    hsm('--init-token', '--free', '--label', `acme ${each.name}`, '--pin', '1234', '--so-pin', '5678');
    hsm(
      '--import',
      inFiles(`${each.name}.key`),
      '--token',
      `acme ${each.name}`,
      '--label',
      'publisher',
      '--id',
      'a1',
      '--pin',
      '1234',
    );
    const { items } = await json<{ items: { subject: string }[] }>('publisher', 'list', '--organization', 'acme');
    if (!items.some(({ subject }) => subject.includes(`CN=${each.name} `))) await addAnchor(each.name);
    await signAndSubmit(each, `pkcs11:token=acme%20${each.name};object=publisher;type=private;pin-value=1234`);
  });
});

test('an overtaken draft is refused with what changed; a changed one, another key, a wrong form each with what to do', async () => {
  const out = inFiles('stale.json');
  await run(approver, 'profile', 'draft', ...inPlant, '--publisher-certificate', inFiles('p384.pem'), '--out', out);
  const sign = (certificate: string, key: string, form: string) =>
    openssl(
      'cms',
      '-sign',
      '-binary',
      '-in',
      out,
      '-signer',
      certificate,
      '-inkey',
      key,
      '-md',
      'sha384',
      '-nosmimecap',
      '-outform',
      form,
      '-out',
      `${out}.sig`,
    );
  const submit = () => attempt(approver, 'profile', 'submit', '--payload', out, '--signature', `${out}.sig`);
  sign(inFiles('p384.pem'), inFiles('p384.key'), 'PEM');
  expect((await submit()).err).toContain('stale.json.sig is not DER: sign with -outform DER');
  openssl('req', '-x509', '-new', '-key', inFiles('p384.key'), '-subj', '/CN=nobody', '-out', inFiles('nobody.pem'));
  sign(inFiles('nobody.pem'), inFiles('p384.key'), 'DER');
  expect((await submit()).err).toContain('was not issued directly by a publisher anchor of the organization');
  sign(inFiles('p384.pem'), inFiles('p384.key'), 'DER');
  const payload = readFileSync(out, 'utf8');
  writeFileSync(out, `${payload} `);
  expect((await submit()).err).toContain('its text is not the one that was drafted');
  writeFileSync(out, payload);
  await run(
    approver,
    'endpoint',
    'add',
    'cloud',
    '--host',
    'app.example',
    '--port',
    '443',
    '--protocol',
    'https',
    ...inPlant,
  );
  expect((await submit()).err).toContain('+ endpoint cloud: https app.example:443');
  await run(approver, 'endpoint', 'remove', 'cloud', ...inPlant);
  expect(await run(approver, 'profile', 'submit', '--payload', out, '--signature', `${out}.sig`)).toContain(
    'is published as it was signed',
  );
  expect((await submit()).err).toMatch(/the next sequence is \d+, and the draft's is \d+/);
});

test('the kill switch waits for the organization to sign, says so, and goes on when it has', async () => {
  const waiting = await run(
    approver,
    'organization',
    'kill-switch',
    'acme',
    '--all',
    '--reason',
    'the proxy was broken into',
  );
  expect(waiting).toContain('acme signs its profiles itself: write, sign and submit those of epoch 2 for plant');
  expect(await deviceGets()).toMatchObject({ kind: 'granted', decision: { epoch: 1 } });
  const each = cases[3] as Case;
  const out = inFiles('epoch-2.json');
  const draft = await json<ProfileDraft & { commands: string[] }>(
    'profile',
    'draft',
    ...inPlant,
    '--publisher-certificate',
    inFiles('p384.pem'),
    '--key',
    inFiles('p384.key'),
    '--out',
    out,
  );
  expect(draft).toMatchObject({ epoch: 2, inspectionCas: [] });
  execFileSync('/bin/sh', ['-c', draft.commands[draft.commands.indexOf(each.kind) + 1] ?? '']);
  const said = await run(approver, 'profile', 'submit', '--payload', out, '--signature', `${out}.sig`);
  expect(said).toContain('Devices get it when epoch 2 begins');
  await expect.poll(async () => (await lastJob()).state, { timeout: 20_000 }).toBe('done');
  expect(await deviceGets()).toMatchObject({ kind: 'awaiting-approval', decision: { epoch: 2 } });
});

test('without a hosted publisher the service publishes nothing, and says how to', async () => {
  const { err } = await attempt(approver, 'profile', 'publish', '--force', ...inPlant);
  expect(err).toContain('acme signs its profiles itself: write the draft with "windlass profile draft"');
});

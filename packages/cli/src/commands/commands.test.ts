import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry, AuditPage, Device, Observation } from '@windlass/management';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../program.ts';
import { recordingTerminal } from '../recording-terminal.ts';

const directory = mkdtempSync(join(tmpdir(), 'windlass-commands-'));
const answers = new Map<string, unknown>();
const requests: { request: string; authorization: string | undefined; body: unknown }[] = [];
let server: Server;
let url = '';

// A service that answers what the test put into `answers` for "METHOD /path?query", else a problem.
beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      // Whatever page of a list was asked for.
      const path = request.url?.replace(/[?&]limit=1000$/, '');
      const key = `${request.method} ${path}`;
      requests.push({
        request: key,
        authorization: request.headers.authorization,
        body: text === '' ? null : JSON.parse(text),
      });
      const answer = answers.get(key);
      response.statusCode = answer === undefined ? 404 : 200;
      response.end(JSON.stringify(answer ?? { code: 'not-found', detail: 'There is no such thing: check the name.' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

async function run(...argv: readonly string[]): Promise<{ out: string; err: string; exitCode: number }> {
  const terminal = recordingTerminal({ WINDLASS_URL: url, WINDLASS_TOKEN: 'wl_secret' });
  await runProgram(argv, terminal);
  return terminal.written;
}

const device: Device = {
  serial: 'SN-1',
  manufacturer: 'maker',
  organization: 'acme',
  network: 'plant-1',
  name: null,
  generation: 1,
  ownership: 1,
  claimExpires: '2027-11-01T00:00:00Z',
  firstSeen: '2026-11-01T00:00:00Z',
  lastSeen: '2026-11-02T00:00:00Z',
  lastOutcome: 'granted',
  keyFingerprint: Array(32).fill('AB').join(':'),
  lastReport: {
    time: '2026-11-02T00:00:01Z',
    counter: 3,
    phases: ['fetched', 'accepted', 'staged', 'probed', 'active'],
    code: null,
    profile: null,
    stores: [
      { name: 'bundle', kind: 'bundle', state: 'effective', scopeEnforced: false, anchors: ['x'] },
      { name: 'agent', kind: 'agent', state: 'effective', scopeEnforced: true, anchors: ['x'] },
    ],
    removed: [],
    endpoints: [
      { name: 'cloud', verdict: 'inspected-trusted' },
      { name: 'update', verdict: 'needs-bypass', stage: 'tls', detail: 'pinned' },
    ],
  },
  lastTrouble: { code: 'captive', since: '2026-10-30T00:00:00Z', until: '2026-11-01T12:00:00Z' },
};

describe('device show', () => {
  test('tells the story: owner, outcome, stores, where the scope is not enforced, verdicts', async () => {
    answers.set('GET /v1/devices/SN-1', device);
    const { out, exitCode } = await run('device', 'show', 'SN-1');
    expect(exitCode).toBe(0);
    expect(out).toContain('SN-1, made by maker');
    expect(out).toMatch(/last outcome +granted: it was given the profile of its network/);
    expect(out).toMatch(/bundle +bundle +effective +1 +not enforced/);
    expect(out).toContain('note: programs that read bundle trust the CA for every name');
    expect(out).not.toContain('programs that read agent trust');
    expect(out).toMatch(/update +needs-bypass +tls +pinned/);
    expect(out).toContain(
      'Last trouble captive, since 2026-10-30T00:00:00Z by its own clock; told at 2026-11-01T12:00:00Z',
    );
    expect(out).toMatch(/for the network team: Exempt the device from the portal/);
  });

  test('shows a trouble that a later version may know', async () => {
    const lastTrouble = { code: 'sunspots', since: '2026-10-30T00:00:00Z', until: '2026-11-01T12:00:00Z' };
    answers.set('GET /v1/devices/SN-4', { ...device, lastTrouble });
    expect((await run('device', 'show', 'SN-4')).out).toContain('Last trouble sunspots, since 2026-10-30T00:00:00Z');
  });

  test('says what to do with a device that waits or belongs to nobody', async () => {
    answers.set('GET /v1/devices/SN-2', { ...device, lastOutcome: 'awaiting-approval', lastReport: null });
    expect((await run('device', 'show', 'SN-2')).out).toMatch(
      /It has not reported yet[\s\S]*observation list --organization acme/,
    );
    answers.set('GET /v1/devices/SN-3', { ...device, organization: null, network: null, lastReport: null });
    expect((await run('device', 'show', 'SN-3')).out).toMatch(/claim add --serial SN-1 --organization ORGANIZATION/);
  });

  test('with --json gives the exact answer', async () => {
    answers.set('GET /v1/devices/SN-1?manufacturer=maker', device);
    expect(JSON.parse((await run('device', 'show', 'SN-1', '--manufacturer', 'maker', '--json')).out)).toEqual(device);
  });
});

const observation: Observation = {
  id: 'ab'.repeat(16),
  organization: 'acme',
  networks: ['plant-1'],
  state: 'new',
  link: null,
  note: null,
  ignoredUntil: null,
  issuer: 'CN=Evil \u001b[31mproxy',
  fingerprint: Array(32).fill('CD').join(':'),
  issuerKeyId: null,
  topIsCa: false,
  devices: 12,
  serials: ['SN-1', 'SN-2'],
  firstSeen: '2026-11-01T00:00:00Z',
  lastSeen: '2026-11-02T00:00:00Z',
  certificate: 'PEM',
};

describe('observation list', () => {
  test('names who intercepts, since when, which devices, and the next step, and no name steers the terminal', async () => {
    answers.set('GET /v1/observations', { items: [observation], next: null });
    const { out } = await run('observation', 'list');
    expect(out).toContain('not approved  CN=Evil \\u001b[31mproxy');
    expect(out).toMatch(/CD:CD.*\(of the certificate it signed; the CA itself was not sent\)/);
    expect(out).toContain('12: SN-1, SN-2, ...');
    expect(out).toMatch(/Next[\s\S]*inspection-ca add FILE/);
  });

  test('the next steps name the organization that was asked about', async () => {
    answers.set('GET /v1/observations?organization=acme', { items: [observation], next: null });
    const { out } = await run('observation', 'list', '--organization', 'acme');
    expect(out).toMatch(/inspection-ca add FILE --permit NAME --organization acme --network NETWORK/);
    expect(out).toMatch(/profile publish --organization acme --network NETWORK/);
    expect(out).not.toContain('ORGANIZATION');
  });

  test('says what was said of it, and what a link is worth', async () => {
    const link = { network: 'plant-1', fingerprint: 'EF', subject: 'CN=Hall 2', state: 'draft', whole: false } as const;
    const said = { ...observation, state: 'asked', note: 'Ours?', link } as const;
    answers.set('GET /v1/observations?all=true', {
      items: [said, { ...observation, state: 'hostile', devices: 0 }],
      next: null,
    });
    const { out } = await run('observation', 'list', '--all');
    expect(out).toContain('not approved, asked about  CN=Evil');
    expect(out).toMatch(/asked +Ours\?/);
    expect(out).toMatch(/linked to +CN=Hall 2 on plant-1, draft, EF; NOT everything/);
    expect(out).toMatch(/HOSTILE[\s\S]*devices +none has it any more/);
  });

  test('without any says that nothing is waiting', async () => {
    answers.set('GET /v1/observations?organization=acme', { items: [], next: null });
    expect((await run('observation', 'list', '--organization', 'acme')).out).toMatch(/^Nothing is waiting/);
  });
});

const auditEntry: AuditEntry = {
  id: 2,
  time: '2026-11-01T00:00:00Z',
  actor: 'admin',
  role: 'admin',
  address: '127.0.0.1',
  act: 'claim.add',
  outcome: 'done',
  organization: 'acme',
  object: 'device SN-1',
  detail: {},
  previousHash: 'a',
  hash: 'b',
};

describe('audit list', () => {
  const page: AuditPage = { entries: [auditEntry], chain: 'intact' };

  test('is a line per act, and says that the chain is intact', async () => {
    answers.set('GET /v1/audit', page);
    const { out, exitCode } = await run('audit', 'list');
    expect(out).toMatch(/2 +2026-11-01T00:00:00Z +admin +claim\.add +done +acme +device SN-1/);
    expect(out).toContain('The chain of records is intact.');
    expect(exitCode).toBe(0);
  });

  test('says where the chain is broken, and fails, also with --json', async () => {
    answers.set('GET /v1/audit?limit=1&before=3', { ...page, chain: { brokenAt: 1 } });
    const { out, exitCode } = await run('audit', 'list', '--limit', '1', '--before', '3');
    expect(out).toContain('BROKEN at line 1');
    expect(exitCode).toBe(1);
    expect((await run('audit', 'list', '--limit', '1', '--before', '3', '--json')).exitCode).toBe(1);
  });
});

describe('audit verify', () => {
  const hours = ['2026-11-01T00:00:00Z', '2026-11-01T01:00:00Z'];
  const digests = 'GET /v1/audit/entries?act=decision.digest&limit=1000&after=';
  const verify = () => run('audit', 'verify', '--decisions');

  test('compares the answers of each hour with the audit, and names the hour that changed', async () => {
    answers.set('GET /v1/audit/chain?limit=1000&after=0', {
      checked: 2,
      chain: 'intact',
      last: { id: 2, hash: 'ab' },
    });
    answers.set('GET /v1/audit/chain?limit=1000&after=2', { checked: 0, chain: 'intact', last: null });
    answers.set(`${digests}0`, {
      entries: hours.map((hour, index) => ({ id: index + 1, detail: { hour, sha256: `sum-${hour}` } })),
    });
    answers.set(`${digests}2`, { entries: [] });
    for (const hour of hours)
      answers.set(`GET /v1/audit/decisions?hour=${encodeURIComponent(hour)}`, { sha256: `sum-${hour}` });
    const whole = await verify();
    expect(whole.out.split('\n')).toEqual([
      'The chain of 2 records is intact.',
      '  last record  2 ab',
      'The answers to devices of 2 hours are as the audit has them.',
      '',
    ]);
    expect(whole.exitCode).toBe(0);
    answers.set(`GET /v1/audit/decisions?hour=${encodeURIComponent(hours[1] ?? '')}`, { sha256: 'other' });
    const changed = await verify();
    expect(changed.out).toContain(`Answers to devices were changed in 1 of 2 hours: ${hours[1]}.`);
    expect(changed.exitCode).toBe(1);
    answers.set(`${digests}0`, { entries: [] });
    expect((await verify()).out).toContain('No answer to a device was compared');
  });
});

test('audit export: no cell of the CSV is a formula for a spreadsheet, and none breaks its row', async () => {
  const entry = { ...auditEntry, id: 7, actor: '=1+1', organization: null, object: 'x,\ny', detail: { reason: '"b"' } };
  answers.set('GET /v1/audit/entries?limit=500&after=0', { entries: [entry] });
  answers.set('GET /v1/audit/entries?limit=500&after=7', { entries: [] });
  const { out } = await run('audit', 'export', '--format', 'csv');
  const [, ...rows] = out.split('\r\n');
  expect(rows).toEqual([
    `7,${entry.time},'=1+1,admin,127.0.0.1,claim.add,done,,"x,\ny","{""reason"":""\\""b\\""""}",a,b`,
    '',
  ]);
});

describe('organization add', () => {
  const made = {
    name: 'acme',
    epoch: 0,
    approverToken: 'wl_approver',
    publisherAnchor: 'PEM',
    publisherExpires: '2027-11-01T00:00:00Z',
    created: '2026-11-01T00:00:00Z',
  };

  test('writes the token to the file and nowhere else', async () => {
    answers.set('POST /v1/organizations', made);
    const file = join(directory, 'token');
    for (const form of [[], ['--json']]) {
      const { out, err, exitCode } = await run('organization', 'add', 'acme', '--token-file', file, ...form);
      expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
      expect(out).toContain(file);
      expect(out).not.toContain('wl_approver');
      expect(readFileSync(file, 'utf8')).toBe('wl_approver\n');
      rmSync(file);
    }
  });

  test('makes no organization when the token cannot be kept, and keeps no file when there is no organization', async () => {
    const file = join(directory, 'taken');
    writeFileSync(file, 'another token');
    const before = requests.length;
    expect((await run('organization', 'add', 'acme', '--token-file', file)).err).toMatch(
      /exists already and is not overwritten/,
    );
    expect((await run('organization', 'add', 'acme')).err).toMatch(/Give --token-file/);
    expect(requests).toHaveLength(before);
    expect(readFileSync(file, 'utf8')).toBe('another token');

    answers.delete('POST /v1/organizations');
    const other = join(directory, 'other');
    expect((await run('organization', 'add', 'acme', '--token-file', other)).err).toBe(
      'windlass: There is no such thing: check the name.\n',
    );
    expect(() => readFileSync(other)).toThrow(/ENOENT/);
  });
});

test("a command sends the token as a header and its options as the API's members", async () => {
  answers.set('POST /v1/claims', {
    serial: 'SN-1',
    manufacturer: 'maker',
    organization: 'acme',
    network: null,
    ownership: 1,
    generation: 1,
    expires: '2027-11-01T00:00:00Z',
  });
  const { out } = await run('claim', 'add', '--serial', 'SN-1', '--organization', 'acme');
  expect(out).toContain('belongs to acme');
  expect(requests.at(-1)).toEqual({
    request: 'POST /v1/claims',
    authorization: 'Bearer wl_secret',
    body: { serial: 'SN-1', organization: 'acme' },
  });
});

test('one import is claimed with one token', async () => {
  const { err, exitCode } = await run('claim', 'import', './any.csv', '--for', 'acme', '--organization', 'acme');
  expect(err).toMatch(/^windlass: Give --organization .*, or --for .*, not both\./);
  expect(exitCode).toBe(2);
});

test('the device that takes the place is the one of the QR code', async () => {
  const file = join(directory, 'label.txt');
  writeFileSync(file, 'windlass:claim?serial=SN-9&code=7K3M9QXT');
  const before = requests.length;
  const { err, exitCode } = await run('device', 'replace', 'SN-1', '--with', 'SN-2', '--code-file', file);
  expect(err).toMatch(/The QR code is that of device SN-9/);
  expect(exitCode).toBe(2);
  expect(requests).toHaveLength(before);
});

test('a private key is never sent', async () => {
  const file = join(directory, 'both.pem');
  writeFileSync(
    file,
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n',
  );
  const before = requests.length;
  const added = await run(
    'inspection-ca',
    'add',
    file,
    '--permit',
    '*',
    '--organization',
    'acme',
    '--network',
    'plant-1',
  );
  expect(added.err).toMatch(/contains a private key, which must stay where it is used/);
  expect((await run('manufacturer', 'add', 'm', '--certificate', file)).err).toMatch(
    /contains a private key, which must stay where it is used/,
  );
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const type of ['pkcs8', 'sec1'] as const) {
    writeFileSync(file, privateKey.export({ format: 'der', type }));
    expect((await run('manufacturer', 'add', 'm', '--certificate', file)).err, type).toMatch(/contains a private key/);
  }
  expect(requests).toHaveLength(before);
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePem } from '@windlass/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from './program.ts';
import { recordingTerminal } from './recording-terminal.ts';
import { makeManufacturer } from './trial-certificates.ts';

const base = mkdtempSync(join(tmpdir(), 'windlass-device-'));
const at = (name: string): string => join(base, name);
afterAll(() => rmSync(base, { recursive: true, force: true }));

async function run(...argv: readonly string[]) {
  const terminal = recordingTerminal();
  await runProgram(argv, terminal);
  return terminal.written;
}

function device(out: string, ...options: readonly string[]) {
  const service = ['--service', 'bootstrap.example', '--service-anchor', at('anchors.pem')];
  return run('factory', 'device', '--serial', 'SN-1', ...service, '--out', at(out), ...options);
}

const anchors = ['one', 'two', 'three', 'four', 'five'].map((name) => makeManufacturer(name, new Date()).certificate);

beforeAll(async () => {
  writeFileSync(at('anchors.pem'), `comment\n${anchors.slice(0, 2).join('')}`);
  writeFileSync(at('tls.pem'), anchors[2] ?? '');
  await run('factory', 'manufacturer', '--out', at('maker'));
});

describe('the directory of a device', () => {
  test('has what a factory puts there, and no more', async () => {
    const { out, err } = await device('plain', '--manufacturer', at('maker'), '--json');
    expect(err).toBe('');
    expect(readdirSync(at('plain')).sort()).toEqual(['agent.json', 'device.key', 'device.pem', 'service-anchor.pem']);
    expect(readFileSync(at('plain/service-anchor.pem'), 'utf8')).toBe(anchors.slice(0, 2).join(''));
    const made = JSON.parse(out);
    expect(JSON.parse(readFileSync(at('plain/agent.json'), 'utf8'))).toEqual({
      service: 'bootstrap.example',
      serviceAnchor: 'service-anchor.pem',
      deviceCertificate: 'device.pem',
      deviceKey: 'device.key',
      manufacturer: made.manufacturer,
      stateDirectory: 'state',
      trustStores: [{ kind: 'bundle', name: 'bundle', path: 'state/bundle.pem' }],
      systemRoots: 'node',
      ports: { http: 80, https: 443 },
      clock: 'untrusted',
      firmwareBuild: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(out).not.toContain('PRIVATE KEY');
  });

  test('has every option in the configuration of the agent', async () => {
    const options = [
      ...[
        '--http-port',
        '8080',
        '--https-port',
        '8443',
        '--connect-to',
        '*:8443=127.0.0.1:1',
        '--connect-to',
        'a.example:443=[::1]:2',
      ],
      ...[
        '--explicit-proxy',
        'http://user:secret@10.0.0.1:3128',
        '--system-roots',
        at('tls.pem'),
        '--tls-anchor',
        at('tls.pem'),
      ],
      ...['--proxy-environment', '--without-proxy', '.plant.example', '--without-proxy', '10.0.0.0/8'],
      ...[
        '--proxy-credentials',
        'http://user:secret@p:1',
        '--pac',
        'http://10.0.0.1/p.pac',
        '--wpad',
        '--proxy-anchor',
        at('tls.pem'),
      ],
      ...['--clock', 'trusted', '--key-type', 'ed25519', '--self-signed'],
    ];
    const { out, err } = await device('full', ...options);
    expect(err).toBe('');
    expect(out).not.toContain('secret');
    const configuration = JSON.parse(readFileSync(at('full/agent.json'), 'utf8'));
    expect(configuration).toMatchObject({
      ports: { http: 8080, https: 8443 },
      connectTo: { '*:8443': '127.0.0.1:1', 'a.example:443': '[::1]:2' },
      explicitProxy: 'http://user:secret@10.0.0.1:3128',
      proxies: {
        environment: true,
        noProxy: ['.plant.example', '10.0.0.0/8'],
        credentials: ['http://user:secret@p:1'],
        pac: 'http://10.0.0.1/p.pac',
        wpad: true,
        anchor: 'proxy-anchor.pem',
      },
      systemRoots: at('tls.pem'),
      tlsAnchor: 'service-tls-anchor.pem',
      clock: 'trusted',
    });
    expect(configuration).not.toHaveProperty('manufacturer');
    for (const file of ['full/service-tls-anchor.pem', 'full/proxy-anchor.pem'])
      expect(readFileSync(at(file), 'utf8')).toBe(anchors[2]);
  });

  test('has the code of its label, for itself alone, where proofs are asked for; a short one or that of another is none', async () => {
    await run('factory', 'code', 'SN-1', 'SN-2', '--characters', '26', '--out', at('codes.csv'));
    const rows = readFileSync(at('codes.csv'), 'utf8').split('\n');
    const [, code = '', label = ''] = rows[1]?.split(',') ?? [];
    writeFileSync(at('label.txt'), label);
    const { out, err } = await device('coded', '--manufacturer', at('maker'), '--label-code', at('label.txt'));
    expect(err).toBe('');
    const file = at('coded/label.code');
    expect(out).toContain(file);
    expect(out + err).not.toContain(code);
    expect(readFileSync(file, 'utf8')).toBe(`${code.replaceAll('-', '')}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(at('coded/agent.json'), 'utf8'))).toMatchObject({ labelCode: 'label.code' });
    writeFileSync(at('short.txt'), 'A'.repeat(25));
    const short = await device('short', '--manufacturer', at('maker'), '--label-code', at('short.txt'));
    expect(short.err).toMatch(/short.txt has no code that proofs can be made with: it needs 26 characters/);
    writeFileSync(at('other.txt'), rows[2]?.split(',')[2] ?? '');
    const other = await device('other', '--manufacturer', at('maker'), '--label-code', at('other.txt'));
    expect(other.err).toMatch(/is that of device SN-2/);
  });

  test('takes one to four anchors, PEM or DER, that are CAs', async () => {
    writeFileSync(at('one.der'), parsePem(anchors[0] ?? '')[0]?.der ?? '');
    expect((await device('der', '--self-signed', '--service-anchor', at('one.der'))).err).toBe('');
    expect(readFileSync(at('der/service-anchor.pem'), 'utf8')).toBe(anchors[0]);
    writeFileSync(at('five.pem'), anchors.join(''));
    expect((await device('five', '--self-signed', '--service-anchor', at('five.pem'))).err).toMatch(
      /has 5 certificates, and at most 4/,
    );
    const leaf = ['--self-signed', '--service-anchor', at('plain/device.pem')];
    expect((await device('leaf', ...leaf)).err).toMatch(/has a certificate that is not a CA's/);
    writeFileSync(at('broken.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect((await device('broken', '--self-signed', '--service-anchor', at('broken.pem'))).err).toMatch(
      /no certificate that can be read/,
    );
    expect(
      readdirSync(base).filter((name) => ['five', 'leaf', 'broken'].includes(name) || name.startsWith('.')),
    ).toEqual([]);
  });

  test('is refused for roots without a certificate, and for a manufacturer that is left out or too much', async () => {
    writeFileSync(at('roots.txt'), 'no roots');
    expect((await device('x', '--self-signed', '--system-roots', at('roots.txt'))).err).toMatch(
      /has no PEM certificate/,
    );
    expect((await device('x')).err).toMatch(/Who made the device\?/);
    expect((await device('x', '--self-signed', '--manufacturer', at('maker'))).err).toMatch(/has no manufacturer/);
  });
});

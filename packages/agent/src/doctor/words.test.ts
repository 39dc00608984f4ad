// What the doctor says: one table of verdicts and exit codes for code, help and documentation, the text for the network team, no secret.
import { readFileSync } from 'node:fs';
import { explainTrouble, parseDigest, parseId, TROUBLES, type Trouble } from '@windlass/protocol';
import { describe, expect, it } from 'vitest';
import { helpLines, runDoctor } from './doctor.ts';
import { DOCTOR_EXITS } from './exit-codes.ts';
import {
  app,
  broker,
  type Changed,
  chainBy,
  handshake,
  portsWith,
  probed,
  SERVICE,
  signed,
} from './testing/fake-ports.ts';

const troubles = TROUBLES.split(' ') as Trouble[];
const box = await chainBy('CN=Example Corp Inspection,O=Fortinet FortiGate');
const pins = [parseDigest(Buffer.alloc(32).toString('base64'))];
const pinned = { ...app, name: parseId('vault'), host: 'vault.example', pins };
const mutual = { ...app, name: parseId('mtls'), host: 'mtls.example', port: 8443, clientCertificate: true };

async function said(changed: Changed, more: { readonly json?: boolean; readonly forIt?: boolean } = {}) {
  const lines: string[] = [];
  const options = { json: false, forIt: false, ...more, out: (line: string) => lines.push(line), err: () => {} };
  return { exit: await runDoctor(portsWith(changed), options), text: lines.join('\n') };
}

describe('verdicts', () => {
  it('have an exit code each, which is neither of the other commands nor of a fault of ours', () => {
    expect(Object.keys(DOCTOR_EXITS).sort()).toEqual([...troubles].sort());
    expect(new Set(Object.values(DOCTOR_EXITS)).size).toBe(troubles.length);
    for (const exit of Object.values(DOCTOR_EXITS)) {
      expect([0, 1, 2, 11, 12, 20, 40, 70]).not.toContain(exit);
      expect(exit).toBeLessThan(126);
    }
  });

  it('stand in the help as they stand in the code', () => {
    const help = helpLines(explainTrouble).join('\n');
    for (const trouble of troubles) {
      expect(help).toMatch(new RegExp(`^ +${DOCTOR_EXITS[trouble]} +${trouble} `, 'm'));
      expect(help).toContain(explainTrouble(trouble).says);
    }
  });

  it('stand in the documentation as they stand in the code, and no others', () => {
    const document = readFileSync(new URL('../../../../docs/device.md', import.meta.url), 'utf8');
    const [, section = ''] = /\n## Why is it offline\n(.*?)\n## /s.exec(document) ?? [];
    const rows = [...section.matchAll(/^\| (\d+) \| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
      ([, ...row]) => row,
    );
    const wanted = (Object.entries(DOCTOR_EXITS) as [Trouble, number][]).map(([trouble, exit]) => {
      const { says, who, todo } = explainTrouble(trouble);
      return [`${exit}`, trouble, says, who, todo];
    });
    expect(rows).toEqual(wanted);
  });
});

describe('what is told', () => {
  it('names the cause, whose move it is, and what that one does, and ends with its code', async () => {
    const refused = await said({ machine: { open: async () => ({ state: 'refused', milliseconds: 1 }) } });
    const { says, who, todo } = explainTrouble('tcp-refused');
    expect(refused.exit).toBe(DOCTOR_EXITS['tcp-refused']);
    for (const words of [says, `To do (${who}): ${todo}`, '443 refused', '--for-it'])
      expect(refused.text).toContain(words);
    expect((await said({})).exit).toBe(0);
  });

  it('is one JSON object for programs', async () => {
    const { text, exit } = await said({ ask: async () => ({ ...signed, outcome: 'unclaimed' }) }, { json: true });
    expect(JSON.parse(text)).toMatchObject({
      verdict: 'unclaimed',
      exitCode: exit,
      step: 'signature',
      says: explainTrouble('unclaimed').says,
      findings: expect.arrayContaining([expect.objectContaining({ step: 'link', state: 'fine' })]),
      lists: { allow: expect.any(Array), inspect: expect.any(Array), bypass: expect.any(Array) },
    });
    expect(JSON.parse((await said({}, { json: true })).text)).toMatchObject({ verdict: 'fine', exitCode: 0 });
  });

  it('makes text from the network harmless for a terminal', async () => {
    const page = {
      kind: 'page',
      status: 200,
      headers: {},
      text: '<title>\u001b[2J\u202eLog in\n now</title>',
      cause: 'captive',
      redirect: null,
    } as const;
    const { text } = await said({ page: async () => page });
    expect(text).toContain('"[2J Log in now"');
    for (const dangerous of ['\u001b', '\u202e']) expect(text).not.toContain(dangerous);
  });
});

describe('the text for the network team', () => {
  const asleep = { verdict: 'needs-bypass', stage: 'first-byte', reason: 'reset' } as const;
  const changed: Changed = {
    device: {
      endpoints: [app, broker, pinned, mutual],
      timeServers: ['time.example'],
      proxy: { host: 'proxy.plant', port: 3128 },
    },
    handshake: async () => ({ ...handshake, chain: box, failure: 'unknown-issuer', signer: { kind: 'nobody' } }),
    ask: null,
    probe: async (endpoint) => probed(endpoint, endpoint === pinned ? asleep : { verdict: 'inspected-trusted' }),
  };

  it('has every name and port on the allow list, and each on one of inspect list and bypass list', async () => {
    const { text } = await said(changed, { forIt: true });
    const list = (title: string): string => new RegExp(`^${title} LIST.*\\n((?:  .*\\n)+)`, 'm').exec(text)?.[1] ?? '';
    for (const row of [
      /bootstrap.windlass.example +443/,
      /bootstrap.windlass.example +80/,
      /app.example +443/,
      /mqtt.example +8883/,
      /vault.example +443/,
    ])
      expect(list('ALLOW')).toMatch(row);
    expect(list('BYPASS')).toMatch(/vault.example +443 .*pinned/);
    expect(list('BYPASS')).toMatch(/mtls.example +8443 .*client certificate/);
    expect(list('BYPASS')).not.toMatch(/app.example|bootstrap.windlass/);
    expect(list('INSPECT')).toMatch(/app.example +443/);
    expect(list('INSPECT')).toMatch(/mqtt.example +8883/);
    expect(list('INSPECT')).not.toContain('vault.example');
    expect(list('ALLOW')).toMatch(/time.example +123 +ntp +UDP/);
    expect(text).not.toContain('-connect time.example');
  });

  it('says who the device is, what it saw, which CA is wanted, what must stay as it is, and how to try it', async () => {
    const { text } = await said(changed, { forIt: true });
    for (const words of [
      'SN-1',
      'acme, network plant-a',
      '10.0.0.5',
      'MAC 02:00:00:00:00:01',
      'looks like FortiGate',
      'never its key',
      'SHA-256',
      'no log-in',
      'openssl s_client -connect app.example:443',
      '-proxy proxy.plant:3128',
      'curl -v',
    ])
      expect(text).toContain(words);
    expect(text.split('\n').length).toBeLessThanOrEqual(70);
  });

  it.each([
    [{ host: 'fd00::1', port: 3128 }, ['-proxy [fd00::1]:3128', '--proxy http://[fd00::1]:3128'], []],
    [
      { host: 'proxy.plant', port: 3129, tls: true },
      ['(TLS to it)', '--proxy https://proxy.plant:3129'],
      ['openssl s_client'],
    ],
  ])('names the proxy %j as the commands take it', async (proxy, words, others) => {
    const { text } = await said({ ...changed, device: { ...changed.device, proxy } }, { forIt: true });
    for (const word of words) expect(text).toContain(word);
    for (const word of others) expect(text).not.toContain(word);
  });

  it('wants no CA of a box that signs so because it does not trust the service', async () => {
    const distrusting = await chainBy('CN=Not trusted by Example Corp');
    const { text, exit } = await said(
      {
        ...changed,
        handshake: async () => ({
          ...handshake,
          chain: distrusting,
          failure: 'unknown-issuer',
          signer: { kind: 'distrusting' },
        }),
      },
      { forIt: true },
    );
    expect(exit).toBe(DOCTOR_EXITS['box-distrusts-service']);
    expect(text).not.toContain('CA WANTED');
  });

  it('lists MQTT and AMQP for bypass where nothing shows that they pass inspection', async () => {
    const { text } = await said({ device: { endpoints: [broker] } }, { forIt: true });
    expect(text).toMatch(/BYPASS LIST.*\n {2}mqtt.example +8883 +mqtts +mqtts is not HTTP/);
    expect(text).toContain(SERVICE);
  });
});

import { TROUBLES, type Trouble } from '@windlass/protocol';
import { describe, expect, it } from 'vitest';
import type { NoAnswerCause, Stage } from '../ports.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import type { Finding } from './finding.ts';
import type { PageSeen, TcpSeen } from './ports.ts';
import {
  app,
  broker,
  type Changed,
  chainBy,
  examined,
  handshake,
  NOW,
  neutral,
  portsWith,
  probed,
  signed,
} from './testing/fake-ports.ts';

const forti = await chainBy('CN=Example Corp Inspection,O=Fortinet FortiGate');
const distrusting = await chainBy('CN=Not trusted by Example Corp,O=Squid');
const untrusted = { ...handshake, chain: forti, failure: 'unknown-issuer', signer: { kind: 'nobody' } } as const;
const proxy = { host: 'proxy.plant', port: 3128 };
const tcp = (state: TcpSeen['state']) => async () => ({ state, milliseconds: 5 });
const brokenAt = (stage: Stage, cause: NoAnswerCause) => async () => ({ kind: 'broken', stage, cause }) as const;
const page =
  (cause: PageSeen['cause'], more: Partial<PageSeen> = {}) =>
  async (): Promise<PageSeen> => ({
    ...neutral,
    ...more,
    status: 200,
    cause,
  });
const silent = (stage: Stage, cause: NoAnswerCause) => async () =>
  ({ kind: 'no-answer', stage, cause, says: 'nothing came' }) as const;
const notInvented = (addresses: readonly string[]) => async (name: string) =>
  name.endsWith('.invalid') ? ({ kind: 'unknown' } as const) : ({ kind: 'addresses', addresses } as const);

/** For each trouble a network, or a device, that has it. */
const CASES: readonly (readonly [Trouble, string, Changed])[] = [
  [
    'no-link',
    'a cable without carrier',
    { machine: { links: () => [{ name: 'eth0', kind: 'cable', isUp: false }], addresses: () => [] } },
  ],
  ['no-link', 'no interface at all', { machine: { links: () => [] } }],
  ['no-address', 'no address', { machine: { addresses: () => [] } }],
  [
    'no-address',
    'an address that it gave itself',
    { machine: { addresses: () => [{ link: 'eth0', mac: '', address: '169.254.7.1' }] } },
  ],
  [
    'no-address',
    'an address of the link',
    { machine: { addresses: () => [{ link: 'eth0', mac: '', address: 'fe80::1' }] } },
  ],
  ['no-route', 'no gateway, so no DNS', { machine: { gateways: () => [], resolve: async () => ({ kind: 'silent' }) } }],
  ['no-route', 'no way to the address', { machine: { open: tcp('unreachable') } }],
  ['name-fails', 'no DNS server answers', { machine: { resolve: async () => ({ kind: 'silent' }) } }],
  ['name-fails', 'the name is not known', { machine: { resolve: async () => ({ kind: 'unknown' }) } }],
  ['name-rewritten', 'a filter answers with nowhere', { machine: { resolve: notInvented(['0.0.0.0', '::']) } }],
  [
    'name-rewritten',
    'the certificate is for another name',
    { handshake: async () => ({ ...untrusted, failure: 'name-mismatch' }) },
  ],
  [
    'name-rewritten',
    'every name has that address, and nothing is open there',
    { machine: { resolve: async () => ({ kind: 'addresses', addresses: ['10.0.0.1'] }), open: tcp('refused') } },
  ],
  ['clock-wrong', 'before what was signed last', { clock: { system: 0 as typeof NOW, isOutside: true } }],
  ['clock-wrong', 'in a far future', { clock: { isOutside: true } }],
  [
    'clock-wrong',
    'a quarter of an hour behind',
    { ask: async () => ({ ...signed, system: (NOW - 900) as typeof NOW }) },
  ],
  [
    'clock-wrong',
    'which is why the certificate is not valid yet',
    {
      handshake: async () => ({ ...untrusted, failure: 'not-yet-valid' }),
      ask: async () => ({ ...signed, system: (NOW - 900) as typeof NOW }),
    },
  ],
  ['proxy-unreachable', 'nobody there', { device: { proxy }, tunnel: brokenAt('connect', 'refused') }],
  ['proxy-authentication', '407', { device: { proxy }, tunnel: brokenAt('proxy', 'proxy-authentication') }],
  ['proxy-fails', '403', { device: { proxy }, tunnel: brokenAt('proxy', 'blocked') }],
  ['proxy-fails', '502', { device: { proxy }, tunnel: brokenAt('proxy', 'proxy') }],
  ['tcp-refused', 'closed', { machine: { open: tcp('refused') }, page: brokenAt('connect', 'refused') }],
  ['tcp-timeout', 'dropped', { machine: { open: tcp('timeout') }, page: brokenAt('connect', 'timeout') }],
  ['tcp-reset', 'cut when open', { machine: { open: tcp('reset') }, page: brokenAt('first-byte', 'reset') }],
  ['captive', 'a form on port 80, a reset on 443', { page: page('captive'), handshake: brokenAt('tls', 'reset') }],
  [
    'captive',
    'a portal that answers every name',
    { page: page('captive'), handshake: async () => ({ ...untrusted, failure: 'name-mismatch' }) },
  ],
  ['captive', 'the network says so', { portal: async () => ({ isCaptive: true, url: 'https://portal.example/' }) }],
  [
    'captive',
    'the network says so, and lets nothing through',
    {
      machine: { open: tcp('timeout') },
      page: brokenAt('connect', 'timeout'),
      portal: async () => ({ isCaptive: true, url: null }),
    },
  ],
  ['captive', 'told in TLS', { ask: silent('body', 'captive') }],
  ['tls-fails', 'no common TLS', { handshake: brokenAt('tls', 'tls') }],
  ['tls-fails', 'silence', { handshake: brokenAt('tls', 'timeout') }],
  ['tls-reset', 'cut at the name', { handshake: brokenAt('tls', 'reset') }],
  [
    'certificate-not-valid',
    'not yet valid, and the clock is right',
    { handshake: async () => ({ ...untrusted, failure: 'not-yet-valid' }) },
  ],
  [
    'inspection-ca-out-of-scope',
    'the CA is not for this name',
    { handshake: async () => ({ ...untrusted, signer: { kind: 'out-of-scope' } }) },
  ],
  [
    'box-distrusts-service',
    'also where a block page says so',
    {
      handshake: async () => ({ ...untrusted, chain: distrusting, signer: { kind: 'distrusting' } }),
      ask: silent('body', 'blocked'),
    },
  ],
  [
    'unknown-inspection-ca',
    'and nobody approved',
    { handshake: async () => untrusted, ask: async () => ({ ...signed, rung: 2, outcome: 'awaiting-approval' }) },
  ],
  ['unknown-inspection-ca', 'and nobody was asked', { handshake: async () => untrusted, ask: null }],
  [
    'inspection-ca-inactive',
    'that of another network',
    {
      handshake: async () => ({
        ...untrusted,
        signer: {
          kind: 'held',
          network:
            signed.network ??
            (() => {
              throw new Error();
            })(),
        },
      }),
      ask: null,
    },
  ],
  [
    'profile-not-installed',
    'approved meanwhile',
    { handshake: async () => untrusted, ask: async () => ({ ...signed, rung: 2 }) },
  ],
  ['blocked', 'a page in place of the answer', { handshake: async () => untrusted, ask: silent('body', 'blocked') }],
  ['no-answer', 'cut short', { ask: silent('body', 'truncated') }],
  ['no-answer', 'a problem that nobody signed', { ask: silent('body', 'http') }],
  ['no-answer', 'closed', { ask: silent('first-byte', 'empty') }],
  [
    'answer-not-valid',
    'rewritten',
    { ask: async () => ({ kind: 'not-valid', code: 'signature', says: 'The signature does not verify.' }) },
  ],
  [
    'unclaimed',
    'behind a CA that nobody could approve',
    { handshake: async () => untrusted, ask: async () => ({ ...signed, rung: 2, outcome: 'unclaimed' }) },
  ],
  ['refused', 'signed', { ask: async () => ({ ...signed, outcome: 'refused', code: 'suspended' }) }],
  [
    'endpoint-name-rewritten',
    'DNS',
    {
      probe: async (endpoint) => probed(endpoint, { verdict: 'name-rewritten', stage: 'tls', reason: 'name-mismatch' }),
    },
  ],
  [
    'endpoint-unreachable',
    '8883 closed',
    {
      device: { endpoints: [app, broker] },
      probe: async (endpoint) =>
        probed(endpoint, endpoint === app ? {} : { verdict: 'blocked', stage: 'connect', reason: 'refused' }),
    },
  ],
  [
    'endpoint-blocked',
    'reset in TLS',
    { probe: async (endpoint) => probed(endpoint, { verdict: 'blocked', stage: 'tls', reason: 'reset' }) },
  ],
  [
    'endpoint-untrusted',
    'by an unknown CA',
    {
      probe: async (endpoint) =>
        probed(endpoint, { verdict: 'inspected-untrusted', stage: 'tls', reason: 'unknown-issuer', signedBy: 'CN=x' }),
    },
  ],
  [
    'endpoint-needs-bypass',
    'a client certificate',
    { probe: async (endpoint) => probed(endpoint, { verdict: 'needs-bypass', stage: 'first-byte', reason: 'reset' }) },
  ],
];

describe('the doctor', () => {
  it('finds nothing on a network where everything works, and has told every step', async () => {
    const { cause, findings } = await examined();
    expect(cause).toBeNull();
    expect(findings.map(({ state }) => state)).not.toContain('not-tried');
    expect([...new Set(findings.map(({ step }) => step))]).toEqual(
      'link address name time proxy tcp portal tls signature endpoint'.split(' '),
    );
  });

  it.each(CASES)('%s: %s', async (trouble, _, changed) => {
    const { cause } = await examined(changed);
    expect(cause?.trouble).toBe(trouble);
    expect(cause?.saw).not.toMatch(/undefined|null|\[object/);
  });

  it('has a case for every trouble but the one that only an exchange can bring', () => {
    const missing = TROUBLES.split(' ').filter((trouble) => !CASES.some(([each]) => each === trouble));
    expect(missing).toEqual(['not-confirmed']);
  });

  it('says of what it cannot tell any more that it was not tried, and why', async () => {
    const { findings } = await examined({ machine: { addresses: () => [] } });
    expect(notTried({ findings })).toEqual(['name', 'proxy', 'tcp', 'portal', 'tls', 'signature', 'endpoint']);
    expect(findings.at(-1)?.saw).toBe('there is no address');
  });

  it('never connects to an address that is this device itself', async () => {
    let opened = 0;
    const count = async () => {
      opened += 1;
      return { state: 'open', milliseconds: 1 } as const;
    };
    await examined({ machine: { resolve: notInvented(['127.0.0.1']), open: count } });
    expect(opened).toBe(0);
  });

  it('a resolver that answers everything is odd, and no trouble where the service answers with its signature', async () => {
    const { cause, findings } = await examined({
      machine: { resolve: async () => ({ kind: 'addresses', addresses: ['203.0.113.7'] }) },
    });
    expect(cause).toBeNull();
    expect(findings.find(({ step }) => step === 'name')).toMatchObject({
      state: 'suspect',
      saw: expect.stringContaining('nobody has'),
    });
  });

  it('a device without a gateway is fine where the service is in its own subnet', async () => {
    expect((await examined({ machine: { gateways: () => [] } })).cause).toBeNull();
  });

  it("the service's own private certificate is no inspecting proxy: the signed answer says so", async () => {
    const ask = async () => ({ ...signed, rung: 2, outcome: 'not-inspected' }) as const;
    expect((await examined({ handshake: async () => untrusted, ask })).cause).toBeNull();
  });

  it('reaches the service by HTTP where 443 is closed, and says that 443 is the trouble', async () => {
    const open = async (_: string, port: number) =>
      ({ state: port === 443 ? 'timeout' : 'open', milliseconds: 3 }) as const;
    const { cause, findings } = await examined({ machine: { open }, ask: async () => ({ ...signed, rung: 3 }) });
    expect(cause).toMatchObject({
      trouble: 'tcp-timeout',
      saw: '443 timeout (203.0.113.7); 80 open (203.0.113.7 3 ms)',
    });
    expect(findings.find(({ step }) => step === 'tls')?.state).toBe('not-tried');
    expect(findings.find(({ step }) => step === 'signature')?.state).not.toBe('not-tried');
  });

  it('tells the addresses of a name apart, family by family', async () => {
    const open = async (address: string) =>
      ({ state: address.includes(':') ? 'unreachable' : 'open', milliseconds: 3 }) as const;
    const { cause, findings } = await examined({
      machine: { resolve: notInvented(['2001:db8::7', '203.0.113.7']), open },
    });
    expect(cause).toBeNull();
    expect(findings.find(({ step }) => step === 'tcp')?.saw).toContain(
      '443 (2001:db8::7 unreachable, 203.0.113.7 open 3 ms)',
    );
  });

  it('a proxy that is not there is odd, and no trouble where the service is reached without it', async () => {
    const { cause, findings } = await examined({
      device: { proxy },
      tunnel: async () => ({ kind: 'open', viaProxy: false }),
    });
    expect(cause).toBeNull();
    expect(findings.find(({ step }) => step === 'proxy')).toMatchObject({
      state: 'suspect',
      trouble: 'proxy-unreachable',
    });
  });

  it('asks for a portal, and the service, through a proxy, which makes the connections', async () => {
    const { findings } = await examined({ device: { proxy }, tunnel: async () => ({ kind: 'open', viaProxy: true }) });
    expect(findings.filter(({ state }) => state === 'not-tried').map(({ step }) => step)).toEqual(['tcp']);
  });

  it('names the log-in schemes of a proxy', async () => {
    const tunnel = async () =>
      ({ kind: 'broken', stage: 'proxy', cause: 'proxy-authentication', schemes: ['Negotiate', 'NTLM'] }) as const;
    const { cause } = await examined({ device: { proxy }, tunnel });
    expect(cause?.saw).toBe(
      'proxy.plant:3128 wants a user and a password, by Negotiate or NTLM, and this device has none for it',
    );
  });

  it('a required endpoint decides before one that is optional', async () => {
    const optional = { ...broker, required: false };
    const probe = async (endpoint: typeof app) =>
      probed(endpoint, { verdict: endpoint === app ? 'needs-bypass' : 'blocked', stage: 'connect', reason: 'refused' });
    const { cause } = await examined({ device: { endpoints: [optional, app] }, probe });
    expect(cause).toMatchObject({ endpoint: 'app', trouble: 'endpoint-needs-bypass' });
  });

  it('leaves the service alone when it is told to', async () => {
    const { findings, cause } = await examined({ ask: null });
    expect(cause).toBeNull();
    expect(findings.find(({ step }) => step === 'signature')).toMatchObject({ state: 'not-tried' });
  });

  it('says who signed, with what that looks like, and shows nobody as trusted by a name', async () => {
    const { cause, seen } = await examined({ handshake: async () => untrusted, ask: null });
    expect(cause?.saw).toContain('O=Fortinet FortiGate');
    expect(cause?.saw).toContain('looks like FortiGate');
    expect(seen.chain.map(({ fingerprint }) => fingerprint)).toHaveLength(2);
  });

  it('says what a page in TLS looks like where it came in place of the answer', async () => {
    const ofBox = async (scheme: 'http' | 'https') =>
      scheme === 'http'
        ? neutral
        : { ...neutral, status: 403, text: '<title>Access denied</title>FortiGuard', cause: 'blocked' as const };
    const { cause } = await examined({ page: ofBox, ask: silent('body', 'blocked') });
    expect(cause?.saw).toContain('(in TLS: HTTP 403 "Access denied", looks like FortiGate)');
  });

  it('waits for what hangs once, not for one after the other', async () => {
    let [waiting, most] = [0, 0];
    const hanging = async () => {
      waiting += 1;
      most = Math.max(most, waiting);
      await new Promise((done) => setTimeout(done, 50));
      waiting -= 1;
      return { kind: 'broken', stage: 'first-byte', cause: 'timeout' } as const;
    };
    const ask = async () => ({ ...(await hanging()), kind: 'no-answer', says: 'nothing came in time' }) as const;
    const probe = async (endpoint: typeof app) => hanging().then(() => probed(endpoint));
    const { findings } = await examined({ page: hanging, handshake: hanging, ask, probe });
    expect(most).toBe(4);
    expect(findings.map(({ step }) => step)).toEqual(
      'link address name time proxy tcp portal tls signature endpoint'.split(' '),
    );
  });

  it('tells each step when it begins, and each finding as soon as it is there', async () => {
    const told: string[] = [];
    await diagnose(portsWith(), { began: (step) => told.push(`${step}?`), found: ({ step }) => told.push(step) });
    expect(told.slice(0, 4)).toEqual(['link?', 'link', 'address?', 'address']);
  });
});

function notTried({ findings }: Pick<Diagnosis, 'findings'>): readonly Finding['step'][] {
  return findings.filter(({ state }) => state === 'not-tried').map(({ step }) => step);
}

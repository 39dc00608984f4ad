// A device on a network where everything works, for the doctor; each test breaks what it is about.
import {
  type Endpoint,
  explainTrouble,
  parseId,
  parseNetworkId,
  parseOrganizationId,
  unixSeconds,
} from '@windlass/protocol';
import { endpointText } from '../../command-line/sentences.ts';
import type { ProbeResult } from '../../ports.ts';
import { makeAuthority, makeLeaf } from '../../transport/testing/pki.ts';
import { type Diagnosis, diagnose } from '../diagnose.ts';
import type { Answered, DoctorPorts, HandshakeSeen, Machine, PageSeen } from '../ports.ts';

export const NOW = unixSeconds(1_795_000_000);
export const SERVICE = 'bootstrap.windlass.example';

export const app: Endpoint = {
  name: parseId('app'),
  host: 'app.example',
  port: 443,
  protocol: 'https',
  required: true,
};
export const broker: Endpoint = {
  name: parseId('broker'),
  host: 'mqtt.example',
  port: 8883,
  protocol: 'mqtts',
  required: true,
};

export const signed: Answered = {
  kind: 'signed',
  outcome: 'granted',
  code: null,
  rung: 1,
  time: NOW,
  system: NOW,
  organization: parseOrganizationId('acme'),
  network: parseNetworkId('plant-a'),
};

/** A leaf for the service, and the CA of that subject which signed it. */
export async function chainBy(subject: string): Promise<readonly Uint8Array[]> {
  const issuer = await makeAuthority({ subject });
  return [(await makeLeaf([SERVICE], { issuer })).der, issuer.der];
}

export const handshake: HandshakeSeen = {
  kind: 'handshake',
  chain: await chainBy('CN=Public Web Root'),
  failure: null,
  signer: { kind: 'root' },
};

/** The service's own problem, to a GET. */
export const neutral: PageSeen = {
  kind: 'page',
  status: 404,
  headers: { 'content-type': 'application/problem+json' },
  text: '{"status":404}',
  cause: null,
  redirect: null,
};

export function probed(endpoint: Endpoint, more: Partial<ProbeResult> = {}): ProbeResult {
  return { endpoint, verdict: 'direct', stage: 'done', reason: null, signedBy: null, issuer: null, ...more };
}

export type Changed = Partial<Omit<DoctorPorts, 'machine' | 'device' | 'clock'>> & {
  readonly machine?: Partial<Machine>;
  readonly device?: Partial<DoctorPorts['device']>;
  readonly clock?: Partial<DoctorPorts['clock']>;
};

export function portsWith({ machine, device, clock, ...changed }: Changed = {}): DoctorPorts {
  return {
    device: {
      service: SERVICE,
      ports: { http: 80, https: 443 },
      serial: 'SN-1',
      organization: signed.organization,
      network: signed.network,
      endpoints: [app],
      timeServers: [],
      proxy: null,
      instead: () => null,
      ...device,
    },
    machine: {
      links: () => [{ name: 'eth0', kind: 'cable', isUp: true }],
      addresses: () => [{ link: 'eth0', mac: '02:00:00:00:00:01', address: '10.0.0.5' }],
      gateways: () => [{ link: 'eth0', via: '10.0.0.1', isDefault: true }],
      resolvers: () => ['10.0.0.1'],
      resolve: async (name) =>
        name.endsWith('.invalid') ? { kind: 'unknown' } : { kind: 'addresses', addresses: ['203.0.113.7'] },
      open: async () => ({ state: 'open', milliseconds: 7 }),
      proxyVariables: () => [],
      ...machine,
    },
    clock: { system: NOW, floor: unixSeconds(NOW - 86_400), isOutside: false, ...clock },
    tunnel: async () => ({ kind: 'open', viaProxy: true }),
    page: async () => neutral,
    handshake: async () => handshake,
    ask: async () => signed,
    portal: null,
    probe: async (endpoint) => probed(endpoint),
    explain: explainTrouble,
    endpointText,
    ...changed,
  };
}

/** What the doctor says of such a device. */
export function examined(changed: Changed = {}): Promise<Diagnosis> {
  return diagnose(portsWith(changed), { began: () => {}, found: () => {} });
}

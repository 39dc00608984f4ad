// What a network offers devices beside its way out: an explicit proxy and for whom it is not, time servers, DNS servers. It sends
// traffic elsewhere, so an approver says it; it is published with the profile.
import type { NetworkServices as Entry } from '@windlass/management';
import { type ProxyAddress, parseHost, parseScope } from '@windlass/protocol';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf, type InNetwork } from './networks.ts';
import { networkName } from './profile-content.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { NetworkServices } from './store/management-ports.ts';

/** Null: no longer. */
interface Changes {
  readonly explicitProxy?: ProxyAddress | null;
  readonly noProxy?: readonly string[] | null;
  readonly timeServers?: readonly string[] | null;
  readonly dns?: readonly string[] | null;
}

/** What was given is part of the next publication, what was left out is as it was. @throws Refusal `not-found`, `invalid-request` */
export async function setNetworkServices(
  management: Management,
  actor: Actor,
  { reason, ...input }: InNetwork & Changes & { readonly reason?: string },
): Promise<Entry> {
  return perform(management, actor, 'network.set', async (tables) => {
    const key = await findNetworkOf(tables, input);
    const stored = await tables.networks.find(key.organization, key.network);
    const before = stored?.services ?? {};
    const after = servicesIn({ ...before, ...checked(input) });
    await tables.networks.setServices(key, after);
    const told = { object: networkName(key), detail: {}, change: { before, after }, reason };
    return { result: servicesEntry(after), organization: key.organization, ...told };
  });
}

function checked({ explicitProxy, noProxy, timeServers, dns }: Changes): Changes {
  const given = { explicitProxy, noProxy, timeServers, dns };
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Changes;
  refuseUnless(
    Object.keys(changes).length > 0,
    'invalid-request',
    'Say what is to be set or cleared: explicitProxy, noProxy, timeServers or dns.',
  );
  return {
    ...changes,
    ...(explicitProxy && {
      explicitProxy: { ...explicitProxy, host: hostOf('explicitProxy.host')(explicitProxy.host) },
    }),
    ...(noProxy && { noProxy: noProxy.map(scopeOf) }),
    ...(timeServers && { timeServers: timeServers.map(hostOf('timeServers')) }),
    ...(dns && { dns: dns.map(hostOf('dns')) }),
  };
}

const hostOf = (name: string) => (text: string) =>
  parsed(text, parseHost, `${name} must be a DNS name (A-labels, no final dot) or an IP address.`);

const scopeOf = (text: string) =>
  parsed(text, parseScope, 'noProxy must have host names, IP prefixes like 10.0.0.0/8, or "*".');

function parsed(text: string, parse: (text: string) => string, sentence: string): string {
  try {
    return parse(text.toLowerCase());
  } catch (cause) {
    throw new Refusal('invalid-request', sentence, { cause });
  }
}

/** Those of the members that say something, in one order. */
export function servicesIn({ explicitProxy, noProxy, timeServers, dns }: Changes): NetworkServices {
  return {
    ...(explicitProxy && { explicitProxy }),
    ...(noProxy && { noProxy }),
    ...(timeServers && { timeServers }),
    ...(dns && { dns }),
  };
}

/** As they are told. */
export function servicesEntry({ noProxy, timeServers, dns, ...rest }: NetworkServices): Entry {
  return {
    ...rest,
    ...(noProxy && { noProxy: [...noProxy] }),
    ...(timeServers && { timeServers: [...timeServers] }),
    ...(dns && { dns: [...dns] }),
  };
}

/** A line each, for whoever approves them. */
export function serviceTexts({ explicitProxy, noProxy, timeServers, dns }: NetworkServices): string[] {
  return [
    ...(explicitProxy ? [`explicit proxy ${proxyText(explicitProxy)}`] : []),
    ...(noProxy ? [`no proxy for ${noProxy.join(', ')}`] : []),
    ...(timeServers ? [`time servers ${timeServers.join(', ')}`] : []),
    ...(dns ? [`DNS servers ${dns.join(', ')}`] : []),
  ];
}

function proxyText({ host, port, tls }: ProxyAddress): string {
  return `${host}:${port}${tls === true ? ' over TLS' : ''}`;
}

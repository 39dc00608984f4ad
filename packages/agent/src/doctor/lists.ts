// What the network team is asked for, name by name: what must be reachable (the allow list), and of that what may be decrypted (the
// inspect list) and what must not (the bypass list). A name on the bypass list is on the allow list too: to let something out and to
// leave it closed are two things.
import type { Endpoint } from '@windlass/protocol';
import type { ProbeResult } from '../ports.ts';
import type { DeviceSeen } from './ports.ts';

/** One line of a list. TCP, outbound from the device. */
export interface Listed {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  readonly why: string;
}

export interface Lists {
  readonly allow: readonly Listed[];
  readonly inspect: readonly Listed[];
  readonly bypass: readonly Listed[];
}

/** The lists for a device and what its endpoints showed. */
export function listsOf(
  { service, ports, endpoints, timeServers }: DeviceSeen,
  results: readonly ProbeResult[],
): Lists {
  const own: Listed = {
    host: service,
    port: ports.https,
    protocol: 'https',
    why: 'the service: signed requests and answers, a few kB each, in clear JSON inside of TLS',
  };
  const plain: Listed = {
    host: service,
    port: ports.http,
    protocol: 'http',
    why: 'the same signed messages, where TLS is not possible',
  };
  const each = endpoints.map((endpoint) => ({
    listed: listed(endpoint),
    reason: bypassReason(
      endpoint,
      results.find((result) => result.endpoint.name === endpoint.name),
    ),
  }));
  return {
    allow: [own, plain, ...each.map((one) => one.listed), ...timeServers.map(timeServer)],
    inspect: [own, plain, ...each.flatMap((one) => (one.reason === null ? [one.listed] : []))],
    bypass: each.flatMap(({ listed: one, reason }) => (reason === null ? [] : [{ ...one, why: reason }])),
  };
}

/** @see RFC 5905 */
function timeServer(host: string): Listed {
  return { host, port: 123, protocol: 'ntp', why: 'UDP: the time' };
}

function listed({ host, port, protocol, name, required }: Endpoint): Listed {
  return { host, port, protocol, why: `endpoint "${name}"${required ? ', which the device needs' : ', optional'}` };
}

/** Why this endpoint is not to be decrypted on the way, or null: it may be. */
function bypassReason({ protocol, clientCertificate, pins }: Endpoint, result: ProbeResult | undefined): string | null {
  if (clientCertificate) return 'it wants a client certificate, which cannot come through a proxy that decrypts';
  if (pins) return 'its clients take no key but its own (pinned)';
  if (result?.verdict === 'needs-bypass')
    return `tried through inspection, and failed: ${result.reason} at ${result.stage}`;
  if (protocol === 'https' || protocol === 'wss' || result?.verdict === 'inspected-trusted') return null;
  return `${protocol} is not HTTP: most inspecting proxies cut it`;
}

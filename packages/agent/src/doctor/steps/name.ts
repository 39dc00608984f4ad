// Does the system's resolver know the name of the service, and does it answer truly.
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { broken, type Finding, fine, type Looked, type Step, suspect } from '../finding.ts';
import type { Resolved } from '../ports.ts';
import { withoutNetwork } from './prevented.ts';

export const name: Step = {
  name: 'name',
  prevented: withoutNetwork,
  async look({ machine, device }) {
    const { service, proxy } = device;
    const resolvers = machine.resolvers();
    const instead = device.instead(service, device.ports.https);
    const host = proxy?.host ?? instead?.host ?? service;
    if (isIP(host)) {
      const why = proxy ? 'not needed, the proxy resolves' : `not needed, the configuration leads to ${host}`;
      return { findings: [fine('name', why)], seen: { resolvers, serviceAddresses: proxy ? [] : [host] } };
    }
    const [found, invented] = await Promise.all([machine.resolve(host), machine.resolve(inventedName())]);
    return judged({ host, found, invented, resolvers, isOfProxy: proxy !== null });
  },
};

/** A name that nobody has (RFC 6761 section 6.4): who answers for it answers for everything. */
function inventedName(): string {
  return `windlass-${randomBytes(6).toString('hex')}.invalid`;
}

interface Answers {
  readonly host: string;
  readonly found: Resolved;
  readonly invented: Resolved;
  readonly resolvers: readonly string[];
  readonly isOfProxy: boolean;
}

function judged({ host, found, invented, resolvers, isOfProxy }: Answers): Looked {
  const servers = resolvers.length > 0 ? resolvers.join(', ') : 'none is configured';
  const seen = { resolvers };
  if (found.kind !== 'addresses') {
    const what = found.kind === 'unknown' ? `does not know ${host}` : `does not answer (asked for ${host})`;
    return { findings: [broken('name', 'name-fails', `the DNS server (${servers}) ${what}`)], seen };
  }
  const { addresses } = found;
  const saw = `${host} is ${addresses.join(', ')} (DNS server: ${servers})`;
  const findings = [nameFinding(saw, addresses, invented)];
  return { findings, seen: { ...seen, serviceAddresses: isOfProxy ? [] : addresses } };
}

function nameFinding(saw: string, addresses: readonly string[], invented: Resolved): Finding {
  if (addresses.every(isNowhere))
    return broken('name', 'name-rewritten', `${saw}, which leads nowhere: somebody put that in its place`);
  if (invented.kind !== 'addresses') return fine('name', saw);
  const [answer = ''] = invented.addresses;
  const same = addresses.includes(answer) ? 'the same' : 'an address';
  return suspect('name', 'name-rewritten', `${saw}; it gives ${same} (${answer}) for a name that nobody has, too`);
}

/** This host itself: what filters answer in the place of an address. */
function isNowhere(address: string): boolean {
  return /^(0\.|127\.|::1?$)/.test(address);
}

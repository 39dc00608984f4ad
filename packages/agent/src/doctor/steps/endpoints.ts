// Each endpoint of the active profile, to its own protocol answer.
import type { Trouble } from '@windlass/protocol';
import type { ProbeResult } from '../../ports.ts';
import { broken, type Finding, fine, type Looked, notTried, type Step } from '../finding.ts';
import type { DoctorPorts } from '../ports.ts';
import { withoutNetwork } from './prevented.ts';

/** So many are tried at once. */
const AT_ONCE = 8;

export const endpoints: Step = {
  name: 'endpoint',
  prevented: withoutNetwork,
  async look(ports: DoctorPorts): Promise<Looked> {
    const { device, probe } = ports;
    const wanted = [true, false].flatMap((first) => device.endpoints.filter(({ required }) => required === first));
    if (wanted.length === 0) return { findings: [notTried('endpoint', none(device.network))] };
    if (!probe) return { findings: [notTried('endpoint', 'windlass-agent-probes.mjs is not beside the agent')] };
    const results: ProbeResult[] = [];
    for (let i = 0; i < wanted.length; i += AT_ONCE)
      results.push(...(await Promise.all(wanted.slice(i, i + AT_ONCE).map(probe))));
    return { findings: results.map((result) => findingOf(result, ports)), seen: { endpoints: results } };
  },
};

function none(network: string | null): string {
  return network ? `the profile of ${network} names none` : 'no profile is active, so none is known here';
}

function findingOf(result: ProbeResult, { endpointText }: DoctorPorts): Finding {
  const { endpoint, stage, verdict } = result;
  const { name, host, port, protocol, required } = endpoint;
  const what = `${host} ${port} (${protocol}${required ? '' : ', optional'}): ${verdict}`;
  const says = endpointText(result);
  if (stage === 'done') return { ...fine('endpoint', `${what}; ${says}`), endpoint: name };
  return { ...broken('endpoint', endpointTrouble(result), `${what}, breaks at ${stage}: ${says}`), endpoint: name };
}

/** What a verdict that is not fine is to the device. */
function endpointTrouble({ verdict, stage }: Pick<ProbeResult, 'verdict' | 'stage'>): Trouble {
  switch (verdict) {
    case 'needs-bypass':
      return 'endpoint-needs-bypass';
    case 'inspected-untrusted':
      return 'endpoint-untrusted';
    case 'name-rewritten':
      return 'endpoint-name-rewritten';
    case 'captive':
    case 'proxy-authentication':
      return verdict;
    case 'blocked':
    case 'direct':
    case 'inspected-trusted':
      return stage === 'name' || stage === 'connect' ? 'endpoint-unreachable' : 'endpoint-blocked';
  }
}

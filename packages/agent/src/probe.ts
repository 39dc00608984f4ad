// Trying the endpoints of a profile, a few at a time.
import type { Endpoint } from '@windlass/protocol';
import { type Agent, trustView } from './agent.ts';
import type { ProbeResult, TrustedInspectionCa } from './ports.ts';

/** How many endpoints are tried at once: some boxes count connections. */
const PROBES_AT_ONCE = 4;

/** What each endpoint shows to a program that trusts these inspection CAs, in the order of the profile; nothing where nothing can be tried. */
export async function probeAll(
  agent: Agent,
  endpoints: readonly Endpoint[],
  trusted: readonly TrustedInspectionCa[],
): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = [];
  const probe = endpoints.length > 0 && (await agent.loadProbe());
  if (!probe) return results;
  for (let i = 0; i < endpoints.length; i += PROBES_AT_ONCE) {
    const some = endpoints.slice(i, i + PROBES_AT_ONCE);
    results.push(...(await Promise.all(some.map((each) => probe(each, trustView(agent, trusted))))));
  }
  return results;
}

// The file `windlass-agent-probes.mjs`, beside the core: trying the endpoints of a profile.
import type { Parts } from '../parts.ts';
import type { Probe } from '../ports.ts';
import type { TransportOptions } from '../transport/create-transport.ts';
import { probeEndpoint } from './probe-endpoint.ts';

/** A probe on the paths of these options; opens nothing yet. */
export function createProbe(parts: Parts, options: TransportOptions): Probe {
  return (endpoint, trust) => probeEndpoint(parts, options, endpoint, trust);
}

// From the configuration to an agent: the only place that knows which port is implemented by what.
import { type UnixSeconds, unixSeconds } from '@windlass/protocol';
import type { Agent } from './agent.ts';
import { createAgentClock, machineClock } from './clock.ts';
import { type Parts, parts } from './parts.ts';
import type { Probe } from './ports.ts';
import { openState, type StateOptions } from './state/store.ts';
import { createTransport, type TransportOptions } from './transport/create-transport.ts';
import { readable } from './transport/judge-chain.ts';
import type { Routes } from './transport/route.ts';
import { createBundle } from './trust-store/bundle.ts';

/** Everything that a device is given, read and checked by whoever starts the agent. */
export interface AgentConfig extends Pick<Agent, 'identity' | 'key' | 'tlsAnchors'> {
  readonly stateDirectory: string;
  /** Where the copy of the floors is: apart from the state, on another partition. */
  readonly floorsDirectory: string;
  readonly trustStores: readonly { readonly kind: 'bundle'; readonly name: string; readonly path: string }[];
  /** DER; some may be of a form that the agent itself does not take. */
  readonly systemRoots: readonly Uint8Array[];
  readonly ports: { readonly http: number; readonly https: number };
  readonly connectTo: Readonly<Record<string, string>>;
  readonly clock: 'trusted' | 'untrusted';
  readonly firmwareBuild: UnixSeconds;
}

/** What `windlass-agent-probes.mjs` exports. */
export interface ProbesFile {
  createProbe(parts: Parts, options: TransportOptions): Probe;
}

export interface OpenOptions extends Pick<StateOptions, 'change'>, Pick<Agent, 'tell'> {
  /** Loads the file beside the core that tries endpoints, `() => import('./windlass-agent-probes.mjs')`; default: there is none. */
  readonly probes?: (() => Promise<ProbesFile>) | undefined;
  /** As `troubleIn` of `windlass-agent-doctor.mjs` tells it; default: reports have no trouble. */
  readonly troubleIn?: Agent['troubleIn'];
  /** Makes the ways to peers, as `windlass-agent-proxies.mjs` does it; default: straight. */
  readonly routes?: (parts: Parts) => Routes;
}

/** The agent of this configuration; nothing is sent and no trust store is written yet. @throws NewerStateError; OtherServiceError; errors of the file system */
export function openAgent(config: AgentConfig, options: OpenOptions): Agent {
  const { tell, change, probes = () => Promise.reject(), troubleIn = async () => null } = options;
  const { identity, key, tlsAnchors, systemRoots: roots, firmwareBuild } = config;
  const { service } = identity;
  const { stateDirectory: directory, floorsDirectory, trustStores } = config;
  const bundles = trustStores.map(({ path }) => path);
  const state = openState({ directory, floorsDirectory, service, firmwareBuild, change, bundles });
  // The firmware may be younger than the state.
  const floor = unixSeconds(Math.max(firmwareBuild, state.current.floors.time));
  const { time: kept } = state.current;
  const clock = createAgentClock(machineClock, { floor, kept, vouched: config.clock === 'trusted' });
  const paths = { ...config, service, routes: options.routes?.(parts) };
  const transport = createTransport(paths);
  let parsed: Agent['roots'] | undefined;
  const loadProbe = () =>
    probes().then(
      (file) => file.createProbe(parts, paths),
      () => null,
    );
  return {
    ...{ identity, key, tlsAnchors, transport, loadProbe, troubleIn, state, clock, tell },
    stores: trustStores.map((store) => createBundle({ ...store, roots, transport, clock })),
    // A hundred certificates, which many a command does not judge by.
    get roots() {
      parsed ??= readable(roots);
      return parsed;
    },
  };
}

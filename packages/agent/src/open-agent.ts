// From the configuration to an agent: the only place that knows which port is implemented by what.
import { randomBytes } from 'node:crypto';
import { type DeviceId, type Digest, parseNonce, type ServiceName, type UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import type { Agent, AgentEvent } from './agent.ts';
import { createAgentClock, machineClock } from './clock.ts';
import type { DeviceKey } from './ports.ts';
import { openState, type StateOptions } from './state/store.ts';
import { createTransport } from './transport/create-transport.ts';
import { readable } from './transport/judge-chain.ts';
import type { ExplicitProxy } from './transport/route.ts';
import { createBundle } from './trust-store/bundle.ts';

/** Everything that a device is given, read and checked by whoever starts the agent. */
export interface AgentConfig {
  readonly service: ServiceName;
  readonly serviceAnchors: readonly Certificate[];
  readonly device: DeviceId;
  readonly deviceKey: DeviceKey;
  /** SPKI digest of the device's key. */
  readonly deviceKeyDigest: Digest;
  readonly stateDirectory: string;
  readonly trustStores: readonly { readonly kind: 'bundle'; readonly name: string; readonly path: string }[];
  /** DER; some may be of a form that the agent itself does not take. */
  readonly systemRoots: readonly Uint8Array[];
  readonly tlsAnchors: readonly Certificate[];
  readonly ports: { readonly http: number; readonly https: number };
  readonly connectTo: Readonly<Record<string, string>>;
  /** With credentials only where the configuration has them. */
  readonly explicitProxy: ExplicitProxy | null;
  readonly clock: 'trusted' | 'untrusted';
  readonly firmwareBuild: UnixSeconds;
}

export interface OpenOptions extends Pick<StateOptions, 'change'> {
  tell(event: AgentEvent): void;
}

/** The agent of this configuration; nothing is sent and no trust store is written yet. @throws OtherServiceError; errors of the file system */
export function openAgent(config: AgentConfig, { tell, change }: OpenOptions): Agent {
  const { service, serviceAnchors, device, deviceKey, deviceKeyDigest, explicitProxy, systemRoots } = config;
  const state = openState({ ...config, directory: config.stateDirectory, change });
  // The firmware may be younger than the state.
  const floor = [config.firmwareBuild, state.current.floors.time].reduce((a, b) => (a > b ? a : b));
  const clock = createAgentClock(machineClock, { floor, vouched: config.clock === 'trusted' });
  const transport = createTransport(config);
  const { prove } = transport;
  const isClockWrong = (): boolean => clock.systemClockFault() !== null;
  return {
    identity: { service, serviceAnchors, device, deviceKey: deviceKeyDigest },
    key: deviceKey,
    transport,
    stores: config.trustStores.map((store) => createBundle({ ...store, roots: systemRoots, prove, isClockWrong })),
    state,
    clock,
    roots: readable(systemRoots),
    serviceTlsAnchors: config.tlsAnchors,
    explicitProxy: explicitProxy && { host: explicitProxy.host, port: explicitProxy.port },
    randomNonce: () => parseNonce(randomBytes(32).toString('base64')),
    tell,
  };
}

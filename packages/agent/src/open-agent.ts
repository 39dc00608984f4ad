// From the configuration to an agent: the only place that knows which port is implemented by what.
import { randomBytes } from 'node:crypto';
import { parseNonce } from '@windlass/protocol';
import { type Certificate, parseCertificate } from '@windlass/x509';
import type { Agent } from './agent.ts';
import { createAgentClock, machineClock } from './clock.ts';
import type { AgentConfig } from './config.ts';
import type { Clock, Transport } from './ports.ts';
import { openStateDirectory } from './state/state-directory.ts';
import { openState } from './state/store.ts';
import { createTransport } from './transport/create-transport.ts';
import { createBundle } from './trust-store/bundle.ts';
import { proveByHandshake } from './trust-store/handshake-proof.ts';

export interface OpenOptions {
  tell(line: string): void;
  /** `none`: nothing on the disk is touched, not even what is damaged. */
  readonly change: 'allowed' | 'none';
  /** For tests. */
  readonly clock?: Clock;
  readonly transport?: Transport;
}

/** The agent of this configuration; nothing is sent and no trust store is written yet. @throws OtherServiceError; errors of the file system */
export function openAgent(config: AgentConfig, options: OpenOptions): Agent {
  const { service, serviceAnchors, device, firmwareBuild, ports, explicitProxy } = config;
  const state = openState(openStateDirectory(config.stateDirectory), {
    service,
    firmwareBuild,
    change: options.change,
  });
  const floor =
    Math.max(firmwareBuild, state.current.floors.time) === firmwareBuild ? firmwareBuild : state.current.floors.time;
  const clock = createAgentClock(options.clock ?? machineClock, { floor, vouched: config.clock === 'trusted' });
  const path = { connectTo: config.connectTo, ...(explicitProxy ? { explicitProxy } : {}) };
  const stores = config.trustStores.map((store) =>
    createBundle({
      ...store,
      roots: config.systemRoots,
      proveByHandshake: (pem) => proveByHandshake(path, { host: service, port: ports.https }, pem),
      systemClockFault: () => clock.systemClockFault(),
    }),
  );
  return {
    identity: { service, serviceAnchors, device, deviceKey: config.deviceKeyDigest },
    key: config.deviceKey,
    transport: options.transport ?? createTransport({ service, ports, ...path }),
    stores,
    state,
    clock,
    roots: readable(config.systemRoots),
    serviceTlsAnchors: config.tlsAnchors,
    randomNonce: () => parseNonce(randomBytes(32).toString('base64')),
    tell: options.tell,
  };
}

/** A root that our own TLS cannot read is not trusted by it. */
function readable(roots: readonly Uint8Array[]): readonly Certificate[] {
  return roots.flatMap((der) => {
    try {
      return [parseCertificate(der)];
    } catch {
      return [];
    }
  });
}

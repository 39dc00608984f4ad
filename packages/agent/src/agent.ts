// What one agent works with: its identity, its ports, its state.
import type { DeviceId, Digest, Nonce, ServiceName } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import type { AgentClock } from './clock.ts';
import type { DeviceKey, Transport, TrustedInspectionCa, TrustStore, TrustView } from './ports.ts';
import type { StateStore } from './state/store.ts';

/** Who the device is and what it trusts from the factory. */
export interface Identity {
  readonly service: ServiceName;
  readonly serviceAnchors: readonly Certificate[];
  readonly device: DeviceId;
  /** SPKI digest of the device's key. */
  readonly deviceKey: Digest;
}

export interface Agent {
  readonly identity: Identity;
  readonly key: DeviceKey;
  readonly transport: Transport;
  readonly stores: readonly TrustStore[];
  readonly state: StateStore;
  readonly clock: AgentClock;
  readonly roots: readonly Certificate[];
  readonly serviceTlsAnchors: readonly Certificate[];
  randomNonce(): Nonce;
  /** One short line of the story, for people. */
  readonly tell: (line: string) => void;
}

/** What TLS peers are judged by when these inspection CAs are active. */
export function trustView(agent: Agent, inspectionCas: readonly TrustedInspectionCa[]): TrustView {
  const { roots, serviceTlsAnchors } = agent;
  const { time, state } = agent.clock.read();
  return { roots, serviceTlsAnchors, inspectionCas, time, clock: state };
}

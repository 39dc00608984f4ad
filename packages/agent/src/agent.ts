// What one agent works with: its identity, its ports, its state; and what it tells whoever wants to know.
import type { AcceptedAnswer, DeviceId, Digest, LabelKey, ServiceName, Trouble } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import type { AgentClock } from './clock.ts';
import type { Path } from './ladder.ts';
import type { DeviceKey, Probe, Transport, TrustedInspectionCa, TrustStore, TrustView } from './ports.ts';
import type { Ended, Result } from './result.ts';
import type { Happening } from './run/supervisor.ts';
import type { StateStore } from './state/store.ts';

/** Who the device is and what it trusts from the factory. */
export interface Identity {
  readonly service: ServiceName;
  readonly serviceAnchors: readonly Certificate[];
  readonly device: DeviceId;
  /** SPKI digest of the device's key. */
  readonly deviceKey: Digest;
  /** Of the code on the label: with it no claim is taken without its proof. @see spec D21 */
  readonly labelKey?: LabelKey | undefined;
}

export interface Agent {
  readonly identity: Identity;
  readonly key: DeviceKey;
  readonly transport: Transport;
  /** What tries endpoints, which is in a file of its own; null where that cannot be loaded: a profile that requires one is then not kept. */
  readonly loadProbe: () => Promise<Probe | null>;
  /** What the next report calls the end of an exchange of which the service does not know; null: no trouble, or its words are not on this device. */
  readonly troubleIn: (end: Ended & Pick<Result, 'path'>) => Promise<Trouble | null>;
  readonly stores: readonly TrustStore[];
  readonly state: StateStore;
  readonly clock: AgentClock;
  readonly roots: readonly Certificate[];
  readonly tlsAnchors: readonly Certificate[];
  readonly tell: (event: AgentEvent) => void;
}

/** What happened, in its order, as data: the words for people are the command line's. */
export type AgentEvent =
  /** A connection for the request is open. */
  | { readonly kind: 'path'; readonly path: Path }
  /** Every check of section 5 passed. */
  | { readonly kind: 'accepted'; readonly accepted: AcceptedAnswer }
  /** These are going to be tried. */
  | { readonly kind: 'staged'; readonly inspectionCas: readonly TrustedInspectionCa[] }
  /** The exchange is over. */
  | { readonly kind: 'ended'; readonly result: Result }
  /** Between two exchanges anchors of ours ended, and no store has them any more. SPKI digests. */
  | { readonly kind: 'dropped'; readonly keys: readonly Digest[] }
  /** Between two exchanges something happened around the device, and the next exchange comes sooner. */
  | { readonly kind: 'noticed'; readonly happened: Happening };

/** What TLS peers are judged by when these inspection CAs are active. */
export function trustView(
  { roots, tlsAnchors, clock }: Agent,
  inspectionCas: readonly TrustedInspectionCa[],
): TrustView {
  return { roots, tlsAnchors, inspectionCas, ...clock.read() };
}

/**
 * An inspecting proxy that misbehaves to order: the machine of `proxies/inspecting-proxy.ts` with a conduct whose faults are
 * switched on and off while it runs. In a test process it is controlled by calls, as a process of its own by `control.ts`.
 */
import {
  type Entrance,
  type InspectingProxy,
  type InspectingProxyOptions,
  startProxyWith,
} from '../proxies/inspecting-proxy.ts';
import { createLeafMint } from '../proxies/leaf-mint.ts';
import type { Authority } from '../test-pki.ts';
import type { Behaviour } from './behaviours.ts';
import { type FaultyConductOptions, faultyConduct, type RewriteAnswer } from './faulty-conduct.ts';
import { createRecording, type RecordedExchange } from './recording.ts';

/** Limits behaviours to part of the traffic; absent parts match everything. Names and paths are unknown before TLS and HTTP: they match then. */
export interface Only {
  readonly entrances?: readonly Entrance[];
  readonly names?: readonly string[];
  /** Beginning of the request's path. */
  readonly path?: string;
}

/** The same in the proxy's own process and from outside (`connectControl`). */
export interface FaultyProxyControl {
  /** From the next step of any connection on, exactly these behaviours are on. Calling it with [] makes the proxy honest. */
  readonly behave: (behaviours: readonly Behaviour[], only?: Only) => Promise<void>;
  /** Every request so far, oldest first. */
  readonly exchanges: () => Promise<readonly RecordedExchange[]>;
  /** The list of exchanges is empty; answers kept for replay stay. */
  readonly forget: () => Promise<void>;
}

export interface FaultyProxyOptions extends InspectingProxyOptions {
  /** `user:password`; default `device:secret`. */
  readonly proxyCredentials?: string;
  /** Pace of slow-drip; default 16 bytes every 100 ms. */
  readonly drip?: FaultyConductOptions['drip'];
  readonly rewriteAnswer?: RewriteAnswer;
}

export interface FaultyProxy extends InspectingProxy, FaultyProxyControl {
  /** The CA with the authority's subject and another key, which twin-ca signs with. */
  readonly twin: () => Promise<Authority>;
}

/** The proxy listens and behaves well until told otherwise. */
export async function startFaultyProxy(options: FaultyProxyOptions): Promise<FaultyProxy> {
  const recording = createRecording();
  let state: { on: ReadonlySet<Behaviour>; only: Only } = { on: new Set(), only: {} };
  const conduct = faultyConduct({
    ...options,
    recording,
    active: (at) => (matches(state.only, at) ? state.on : new Set()),
    proxyCredentials: options.proxyCredentials ?? 'device:secret',
    drip: options.drip ?? { bytes: 16, everyMs: 100 },
  });
  const mint = await createLeafMint(options.authority);
  const proxy = await startProxyWith(options, conduct, mint);
  return {
    ...proxy,
    twin: mint.twin,
    behave: async (behaviours, only = {}) => {
      state = { on: new Set(behaviours), only };
    },
    exchanges: async () => recording.exchanges(),
    forget: async () => recording.forget(),
  };
}

function matches(only: Only, at: { entrance: Entrance; name?: string; path?: string }): boolean {
  if (only.entrances && !only.entrances.includes(at.entrance)) return false;
  if (only.names && at.name !== undefined && !only.names.includes(at.name)) return false;
  return !(only.path !== undefined && at.path !== undefined && !at.path.startsWith(only.path));
}

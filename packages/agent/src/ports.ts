// What the agent needs from the world, as interfaces: the flow is written against these, transport/, device-key/,
// trust-store/ and state/ implement them, tests replace each by ten lines.
import type { Digest, Endpoint, NetworkId, OrganizationId, UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';

/** One inspection CA that is trusted now, and how far. */
export interface TrustedInspectionCa {
  readonly certificate: Certificate;
  readonly permittedNames: readonly string[];
  readonly excludedNames: readonly string[];
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
}

/** What TLS peers are judged by right now. */
export interface TrustView {
  /** The system's roots, or Node's. */
  readonly roots: readonly Certificate[];
  /** Private TLS anchors of a privately certified service: only for the service's name. */
  readonly serviceTlsAnchors: readonly Certificate[];
  /** Active ones only. */
  readonly inspectionCas: readonly TrustedInspectionCa[];
  readonly time: UnixSeconds;
  readonly clock: ClockState;
}

/** How far the time can be believed. Source: spec T4. */
export type ClockState = 'trusted' | 'untrusted' | 'floor';

/** Why the better rung was not used. Source: spec section 4, `failure`. */
export type Failure =
  | 'unknown-issuer'
  | 'expired'
  | 'not-yet-valid'
  | 'name-mismatch'
  | 'certificate'
  | 'tls'
  | 'name-resolution'
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'proxy'
  | 'proxy-authentication'
  | 'not-an-answer';

/** One open connection to the service, for one request. */
export interface Connection {
  readonly rung: 1 | 2 | 3;
  /** Why the better rung was not used. */
  readonly failure: Failure | null;
  /** DER, leaf first (M2); [] on HTTP when HTTPS gave none; kept from the failed HTTPS attempt when rung 3 follows a completed handshake. */
  readonly presentedChain: readonly Uint8Array[];
  /** On rung 1: the inspection CA that signed the chain, or null when a root or an own TLS anchor did. */
  readonly issuer: Certificate | null;
  readonly explicitProxy: { readonly host: string; readonly port: number } | null;
  /** Sends the one request of this connection and closes it (L3, L5, L7). */
  post(path: string, body: string): Promise<Exchange>;
  close(): void;
}

/** What came back: a body, decoded and within F1, or the reason why there is none. */
export type Exchange =
  | { readonly kind: 'body'; readonly status: number; readonly contentType: string; readonly body: Uint8Array }
  | { readonly kind: 'no-answer'; readonly cause: NoAnswerCause; readonly stage: Stage; readonly detail: string };

export type NoAnswerCause =
  | 'blocked'
  | 'captive'
  | 'name'
  | 'timeout'
  | 'refused'
  | 'reset'
  | 'tls'
  | 'proxy'
  | 'proxy-authentication'
  | 'empty'
  | 'truncated'
  | 'too-large'
  | 'encoding'
  | 'http';

export type Stage = 'name' | 'connect' | 'proxy' | 'tls' | 'first-byte' | 'body';

/** No rung could be opened. */
export interface NoConnection {
  readonly kind: 'no-answer';
  readonly cause: NoAnswerCause;
  readonly stage: Stage;
  readonly failure: Failure;
  readonly presentedChain: readonly Uint8Array[];
  readonly detail: string;
}

/** What one endpoint showed. */
export interface ProbeResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly ok: boolean;
  readonly stage: Stage | 'done';
  readonly detail: string;
  /** SPKI digest of the inspection CA that signed the chain. */
  readonly issuer: Digest | null;
}

export interface Transport {
  /** Opens the best rung from `from` on (1 and 2 are one TLS connection: judged after the handshake by x509, nothing sent before). */
  connect(options: { readonly trust: TrustView; readonly from: 1 | 3 }): Promise<Connection | NoConnection>;
  /**
   * Tries one endpoint, in stages, TLS validated by `trust`: ok only on the endpoint's own protocol answer
   * (https: an HTTP answer that is no block page; mqtts: CONNACK; tls: a validated handshake).
   */
  probe(endpoint: Endpoint, trust: TrustView): Promise<ProbeResult>;
}

export type Verdict =
  | 'direct'
  | 'inspected-trusted'
  | 'inspected-untrusted'
  | 'needs-bypass'
  | 'blocked'
  | 'captive'
  | 'name-rewritten'
  | 'proxy-authentication';

/** The device identity: certificate chain without the manufacturer anchor, and the key that signs. */
export interface DeviceKey {
  /** Leaf first. */
  readonly chain: readonly Certificate[];
  /** The signature over `toBeSigned` with the algorithm's hash, as `node:crypto` makes it (DER for ECDSA). */
  sign(toBeSigned: Uint8Array, algorithm: string): Uint8Array | Promise<Uint8Array>;
}

/** Small named files of the agent. */
export interface StateDirectory {
  read(name: string): Uint8Array | null;
  /** Afterwards the file has `bytes`, through power loss too; before, it has what it had: never anything between. */
  replace(name: string, bytes: Uint8Array): void;
  remove(name: string): void;
  /** Moves a damaged file out of the way and keeps it for whoever wants to know. */
  setAside(name: string): void;
}

/** The inspection CAs that are active, with where they come from. */
export interface ActiveTrust {
  readonly organization: OrganizationId | null;
  readonly network: NetworkId | null;
  /** The one that signed the chain seen now comes first. */
  readonly inspectionCas: readonly TrustedInspectionCa[];
}

/** What a trust store holds of ours, and how far that is proved. Source: spec section 4, `report.stores`. */
export interface StoreReceipt {
  readonly name: string;
  readonly kind: string;
  readonly state: 'effective' | 'present' | 'needs-restart' | 'not-managed';
  readonly scopeEnforced: boolean;
  /** SPKI digests. */
  readonly anchors: readonly Digest[];
  readonly detail?: string;
}

export interface TrustStore {
  readonly name: string;
  readonly kind: string;
  /** Afterwards the store holds exactly `active` of ours, durably; writes nothing when it does already. */
  write(active: ActiveTrust): void;
  /** Tries the store as a program that reads it would, and says what was proved. */
  prove(active: ActiveTrust): Promise<StoreReceipt>;
}

export interface Clock {
  /** The system's clock. */
  now(): UnixSeconds;
  /** Seconds since some moment, never going back; unaffected by the system's clock. */
  monotonicSeconds(): number;
}

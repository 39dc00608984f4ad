// What the agent needs from the world, as interfaces: the flow is written against these, transport/, device-key/,
// trust-store/ and state/ implement them, tests replace each by ten lines.
import type {
  AcceptedInspectionCa,
  Clock as ClockReading,
  Digest,
  Endpoint,
  Failure,
  NetworkId,
  OrganizationId,
  ProxyAddress,
  StoreReceipt,
  UnixSeconds,
  Verdict,
} from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';

export type { ClockReading, Failure, StoreReceipt, Verdict };

/** One inspection CA that is trusted now, and how far. */
export type TrustedInspectionCa = AcceptedInspectionCa;

/** How far the time can be believed. Source: spec T4. */
export type ClockState = ClockReading['state'];

/** What TLS peers are judged by right now. */
export interface TrustView extends ClockReading {
  /** The system's roots, or Node's. */
  readonly roots: readonly Certificate[];
  /** Private TLS anchors of a privately certified service: only for the service's name. */
  readonly tlsAnchors: readonly Certificate[];
  /** Active ones only. */
  readonly inspectionCas: readonly TrustedInspectionCa[];
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** An explicit proxy on the way, without its credentials. */
export interface AskedProxy extends ProxyAddress {
  /** Where it wants to know who asks: its field Proxy-Authenticate, as it came. */
  readonly challenge?: unknown;
}

/** One open connection to the service, for one request. */
export interface Connection {
  /** 1 where TLS was validated, 2 where it was not, 3 for HTTP. */
  readonly rung: 1 | 2 | 3;
  /** Why TLS was not validated; null on HTTP, where nobody tried. */
  readonly failure: Failure | null;
  /** DER, leaf first (M2); [] on HTTP. */
  readonly presentedChain: readonly Uint8Array[];
  /** The explicit proxy that it goes through. */
  readonly explicitProxy?: ProxyAddress;
  /** On rung 1: the inspection CA that signed the chain, or null when a root or an own TLS anchor did. */
  readonly issuer: Certificate | null;
  /** Sends the one request of this connection and closes it (L3, L5, L7). Whatever is not what `isAnswer` tells is no answer (L4). */
  post(path: string, body: string, isAnswer: (body: Uint8Array) => boolean): Promise<Exchange>;
  close(): void;
}

/** What came back: a body, decoded and within F1, or the reason why there is none. */
export type Exchange = { readonly kind: 'body'; readonly body: Uint8Array } | NoAnswer;

/** No connection, or nothing on it that is an answer. */
export interface NoAnswer {
  readonly kind: 'no-answer';
  readonly cause: NoAnswerCause;
  readonly stage: Stage;
  /** What a request on the next rung says of it. */
  readonly failure: Failure;
  /** As far as the handshake came. */
  readonly presentedChain: readonly Uint8Array[];
  /** Of HTTP, where something came. */
  readonly status: number | null;
  /** What nobody signed: how long to stay away. @see spec L9 */
  readonly retryAfterSeconds?: number;
  /** The explicit proxy on the way. */
  readonly explicitProxy?: AskedProxy;
}

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

/** A demand that a profile tells of an endpoint, and that was not met. @see spec M5, M6 */
export type Unmet = 'client-certificate' | 'pins' | 'alpn';

/** What one endpoint showed. It is fine where the stage is `done`. */
export interface ProbeResult {
  readonly endpoint: Endpoint;
  readonly verdict: Verdict;
  readonly stage: Stage | 'done';
  /** What broke, or what of the endpoint's own demands is not as the profile says. */
  readonly reason: NoAnswerCause | Failure | Unmet | null;
  /** Who signed a chain that is not valid, or not of the key that it must be, as the chain says: printable and short. */
  readonly signedBy: string | null;
  /** SPKI digest of the inspection CA that signed a chain that is valid. */
  readonly issuer: Digest | null;
}

/**
 * Tries one endpoint, in stages, TLS validated by `trust`: `done` only on the endpoint's own answer in its protocol, with its own key
 * and its own demand for a client certificate where the profile tells of these. @see spec M5, M6
 */
export type Probe = (endpoint: Endpoint, trust: TrustView) => Promise<ProbeResult>;

export interface Transport {
  /** Opens HTTPS, which is rung 1 or 2 (one TLS connection: judged after the handshake by x509, nothing sent before), or HTTP, rung 3. */
  connect(scheme: 'https' | 'http', trust: TrustView): Promise<Connection | NoAnswer>;
  /**
   * A handshake with the service by Node's own TLS, at the system's time, that trusts this PEM text alone: null; `partial-chain` where it
   * only holds for who takes an anchor that is no root; or its code in upper case; or stage and reason, where there was no handshake.
   */
  prove(pem: string): Promise<string | null>;
}

/** The device identity: certificate chain without the manufacturer anchor, and the key that signs. */
export interface DeviceKey {
  /** Leaf first. */
  readonly chain: readonly Certificate[];
  /** The signature over `toBeSigned` with the algorithm's hash, as `node:crypto` makes it (DER for ECDSA). */
  sign(toBeSigned: Uint8Array, algorithm: string): Uint8Array | Promise<Uint8Array>;
}

/** What is done to a disk. Nothing is durable before `sync` of the file and, for names, of the directory. */
export interface FileSystem {
  /** The content, or null where there is no such file. */
  read(path: string): Buffer | null;
  /** A new file with this content and mode; an older one of that name is gone. */
  write(path: string, bytes: Uint8Array, mode: number): void;
  /** The content of the file, or the names in the directory, are on the disk afterwards. */
  sync(path: string): void;
  rename(from: string, to: string): void;
}

/** The inspection CAs that are active, with where they come from. */
export interface ActiveTrust {
  readonly organization: OrganizationId | null;
  readonly network: NetworkId | null;
  /** The one that signed the chain seen now comes first. */
  readonly inspectionCas: readonly TrustedInspectionCa[];
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
  uptime(): number;
}

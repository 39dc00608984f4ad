// What the doctor needs from the device and its network, as interfaces. It is read-only: it takes no lock, writes nothing and commits
// nothing, because `run` may be working beside it.
import type {
  Endpoint,
  ExplainedTrouble,
  NetworkId,
  OrganizationId,
  ProtocolErrorCode,
  ProxyAddress,
  Refusal,
  Rung,
  Trouble,
  UnixSeconds,
} from '@windlass/protocol';
import type { PortalSeen } from '../portal/portal.ts';
import type { Failure, NoAnswerCause, ProbeResult, Stage } from '../ports.ts';

export interface DoctorPorts {
  readonly device: DeviceSeen;
  readonly machine: Machine;
  readonly clock: ClockSeen;
  /** Opens the way to the service on 443; only called where an explicit proxy is known. */
  tunnel(): Promise<PathBroken | RouteSeen>;
  /** What a GET to the service brings, plain on port 80 or in TLS that nobody validated; sends nothing of the device's. */
  page(scheme: 'http' | 'https'): Promise<PageSeen | PathBroken>;
  /** TLS with the service; nothing is sent over it. */
  handshake(): Promise<HandshakeSeen | PathBroken>;
  /** One signed request and all checks of its answer, without any effect of it; null: the doctor is to leave the service alone. */
  readonly ask: (() => Promise<Asked>) | null;
  /** Tells whether a captive portal is in the way; null: it is told by `page` alone. */
  readonly portal: (() => Promise<PortalSeen>) | null;
  /** Tries one endpoint; null: what does that is not on this device. */
  readonly probe: ((endpoint: Endpoint) => Promise<ProbeResult>) | null;
  /** The sentences of a trouble. */
  readonly explain: Explain;
  /** What an endpoint showed, in words. */
  endpointText(result: ProbeResult): string;
}

export type Explain = (trouble: Trouble) => ExplainedTrouble;

/** Who the device is, and what it holds. */
export interface DeviceSeen {
  readonly service: string;
  readonly ports: { readonly http: number; readonly https: number };
  readonly serial: string;
  readonly organization: OrganizationId | null;
  readonly network: NetworkId | null;
  /** Of the active profile. */
  readonly endpoints: readonly Endpoint[];
  /** Of the active profile. */
  readonly timeServers: readonly string[];
  /** The one that is asked first, without its credentials. */
  readonly proxy: ProxyAddress | null;
  /** For trials: where a connection to this peer really goes, or null. */
  instead(host: string, port: number): { readonly host: string; readonly port: number } | null;
}

/** What the operating system shows. */
export interface Machine {
  /** Without loopback; null: it does not show them. */
  links(): readonly Link[] | null;
  /** Without loopback. */
  addresses(): readonly Address[];
  /** Default routes and others through a gateway; null: it does not show them. */
  gateways(): readonly Gateway[] | null;
  /** Addresses of the DNS servers. */
  resolvers(): readonly string[];
  /** By the system's own resolver. */
  resolve(name: string): Promise<Resolved>;
  /** Opens a TCP connection to an address and looks whether it stays open for a moment. */
  open(address: string, port: number): Promise<TcpSeen>;
  /** Names of environment variables that name a proxy. */
  proxyVariables(): readonly string[];
}

export interface Link {
  readonly name: string;
  readonly kind: 'cable' | 'Wi-Fi';
  readonly isUp: boolean;
}

export interface Address {
  readonly link: string;
  readonly mac: string;
  readonly address: string;
}

export interface Gateway {
  readonly link: string;
  /** Null: straight onto the link. */
  readonly via: string | null;
  readonly isDefault: boolean;
}

export type Resolved =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** A server answered that there is none. */
  | { readonly kind: 'unknown' }
  /** No server answered. */
  | { readonly kind: 'silent' };

export interface TcpSeen {
  readonly state: 'open' | 'refused' | 'reset' | 'timeout' | 'unreachable';
  readonly milliseconds: number;
}

export interface ClockSeen {
  readonly system: UnixSeconds;
  /** It is not earlier than this: the last signed time, or the firmware's build. */
  readonly floor: UnixSeconds;
  /** The system's clock is outside of all reason. */
  readonly isOutside: boolean;
}

/** A path that broke on the way. */
export interface PathBroken {
  readonly kind: 'broken';
  readonly stage: Stage;
  readonly cause: NoAnswerCause;
  /** Of a proxy that wants a log-in: the schemes that it takes. */
  readonly schemes?: readonly string[];
  /** The proxy got a user and a password. */
  readonly hasCredentials?: boolean;
}

/** A way that opened; `viaProxy`: through one, and not straight because none answered. */
export interface RouteSeen {
  readonly kind: 'open';
  readonly viaProxy: boolean;
}

/** An HTTP answer. */
export interface PageSeen {
  readonly kind: 'page';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of the body. */
  readonly text: string;
  /** Somebody else's, as for an answer (L4); null: it may be the service's. */
  readonly cause: Extract<NoAnswerCause, 'captive' | 'blocked'> | null;
  /** Where a redirect leads, without its query. */
  readonly redirect: string | null;
}

export interface HandshakeSeen {
  readonly kind: 'handshake';
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly failure: Failure | null;
  readonly signer: Signer;
}

/** Who signed the chain, as far as this device can tell by keys. */
export type Signer =
  | { readonly kind: 'root' }
  /** A private TLS anchor of the service. */
  | { readonly kind: 'own-anchor' }
  | { readonly kind: 'active' }
  /** An active one which is not for the service's name. */
  | { readonly kind: 'out-of-scope' }
  /** One of a profile that is held and not active. */
  | { readonly kind: 'held'; readonly network: NetworkId }
  /** Nobody of these, and its name says that it does not trust the service. */
  | { readonly kind: 'distrusting' }
  | { readonly kind: 'nobody' };

/** `says`: the same in words. */
export type Asked =
  | {
      readonly kind: 'no-answer';
      readonly cause: NoAnswerCause;
      readonly stage: Stage;
      readonly says: string;
    }
  | { readonly kind: 'not-valid'; readonly code: ProtocolErrorCode; readonly says: string }
  | Answered;

export interface Answered {
  readonly kind: 'signed';
  readonly outcome: 'granted' | 'unclaimed' | 'awaiting-approval' | 'not-inspected' | 'refused';
  /** With `refused`. */
  readonly code: Refusal | null;
  readonly rung: Rung;
  readonly time: UnixSeconds;
  /** The time of the system's clock when it came. */
  readonly system: UnixSeconds;
  readonly organization: OrganizationId | null;
  readonly network: NetworkId | null;
}

// What one step of the walk showed, and everything that was seen on the way.
import type { Trouble } from '@windlass/protocol';
import type { ProbeResult } from '../ports.ts';
import type { CertificateSeen } from './certificate-seen.ts';
import type { Address, Answered, DoctorPorts, Gateway, Link, Signer, TcpSeen } from './ports.ts';

/** In the order of the walk. */
export type StepName =
  | 'link'
  | 'address'
  | 'name'
  | 'time'
  | 'proxy'
  | 'tcp'
  | 'portal'
  | 'tls'
  | 'signature'
  | 'endpoint';

export type Finding = {
  readonly step: StepName;
  /** The endpoint that it is about. */
  readonly endpoint?: string;
  /** One line: what was seen, or why it was not tried. */
  readonly saw: string;
} & (
  | { readonly state: 'fine'; readonly clears?: readonly Trouble[] }
  | { readonly state: 'broken'; readonly trouble: Trouble }
  /** No trouble by itself; the cause where something that it explains is broken. */
  | { readonly state: 'suspect'; readonly trouble: Trouble }
  | { readonly state: 'not-tried' }
);

/** What the walk has seen up to now: later steps and the text for the network team need it. */
export interface Seen {
  readonly links: readonly Link[];
  readonly addresses: readonly Address[];
  readonly gateways: readonly Gateway[];
  readonly resolvers: readonly string[];
  /** Of the service; [] where the explicit proxy resolves it. */
  readonly serviceAddresses: readonly string[];
  readonly connections: readonly TcpAttempt[];
  /** Where to log in. */
  readonly portal: string | null;
  readonly chain: readonly CertificateSeen[];
  readonly signer: Signer | null;
  readonly answer: Answered | null;
  readonly endpoints: readonly ProbeResult[];
}

export interface TcpAttempt extends TcpSeen {
  readonly address: string;
  readonly port: number;
}

/** What a step found, and what of it is kept. */
export interface Looked {
  readonly findings: readonly Finding[];
  readonly seen?: Partial<Seen>;
}

export interface Step {
  readonly name: StepName;
  /** Why this step cannot be told after those findings; null: it can. */
  prevented(findings: readonly Finding[], ports: DoctorPorts): string | null;
  look(ports: DoctorPorts, seen: Seen): Promise<Looked> | Looked;
}

export const NOTHING_SEEN: Seen = {
  links: [],
  addresses: [],
  gateways: [],
  resolvers: [],
  serviceAddresses: [],
  connections: [],
  portal: null,
  chain: [],
  signer: null,
  answer: null,
  endpoints: [],
};

export function fine(step: StepName, saw: string, clears: readonly Trouble[] = []): Finding {
  return { step, state: 'fine', saw, clears };
}

export function broken(step: StepName, trouble: Trouble, saw: string): Finding {
  return { step, state: 'broken', trouble, saw };
}

export function suspect(step: StepName, trouble: Trouble, saw: string): Finding {
  return { step, state: 'suspect', trouble, saw };
}

export function notTried(step: StepName, saw: string): Finding {
  return { step, state: 'not-tried', saw };
}

/** The first of `troubles` that broke one of `findings`, or undefined. */
export function brokenBy(findings: readonly Finding[], troubles: readonly Trouble[]): Trouble | undefined {
  return findings
    .flatMap((finding) => (finding.state === 'broken' ? [finding.trouble] : []))
    .find((trouble) => troubles.includes(trouble));
}

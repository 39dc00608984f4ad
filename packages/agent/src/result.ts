// How a command of the agent ended: one object for programs, one exit code for scripts.
import {
  type Digest,
  formatTime,
  type NetworkId,
  type OrganizationId,
  type ProtocolErrorCode,
  type Refusal,
  type UnixSeconds,
  unixSeconds,
} from '@windlass/protocol';
import type { Failure, NoAnswerCause, ProbeResult, Stage, StoreReceipt } from './ports.ts';
import type { NextExchange } from './supervisor.ts';

/** An inspection CA that is trusted, and how far. */
export interface TrustedAnchor {
  readonly subject: string;
  /** SHA-256 of the certificate, hexadecimal with colons. */
  readonly fingerprint: string;
  readonly permittedNames: readonly string[];
  readonly excludedNames: readonly string[];
  readonly until: UnixSeconds;
}

/** What every result of an exchange says. */
export interface Common {
  readonly organization: OrganizationId | null;
  readonly network: NetworkId | null;
  /** The rung on which the answer came, and why no better one. */
  readonly rung: 1 | 2 | 3 | null;
  readonly failure: Failure | null;
  /** Who signed the certificate that came in place of the service's, as that certificate says. */
  readonly interceptedBy: string | null;
  /** What is trusted now. */
  readonly inspectionCas: readonly TrustedAnchor[];
  readonly stores: readonly StoreReceipt[];
  /** SPKI digests of our anchors that were dropped. */
  readonly removed: readonly Digest[];
  readonly endpoints: readonly ProbeResult[];
  /** The service has the report and said so. */
  readonly reported: boolean;
  /** What is wrong with the system's clock. */
  readonly systemClock: string | null;
  readonly next: NextExchange;
}

/** How an exchange ended. */
export type Result = Common &
  (
    | { readonly outcome: 'active' | 'unclaimed' | 'awaiting-approval' | 'not-inspected' }
    | { readonly outcome: 'no-answer'; readonly cause: NoAnswerCause; readonly stage: Stage; readonly detail: string }
    | { readonly outcome: 'not-valid'; readonly code: ProtocolErrorCode }
    | { readonly outcome: 'refused'; readonly code: Refusal }
    | { readonly outcome: 'reverted'; readonly code: RevertCode; readonly endpoint: string }
  );

/** Why a profile was not kept. */
export type RevertCode = 'service-not-validated' | 'endpoint-failed' | 'not-confirmed';

export const EXIT = { usage: 1, configuration: 2 } as const;

const EXIT_OF: Readonly<Record<Result['outcome'], number>> = {
  active: 0,
  unclaimed: 10,
  'awaiting-approval': 11,
  'not-inspected': 12,
  'no-answer': 20,
  'not-valid': 30,
  refused: 31,
  reverted: 40,
};

/** The documented exit code of a result. */
export function exitCodeOf(outcome: Result['outcome']): number {
  return EXIT_OF[outcome];
}

/** The same as plain data, times as text as everywhere on the wire. */
export function forPrograms(value: object): object {
  return JSON.parse(
    JSON.stringify(value, (name, member: unknown) =>
      name === 'until' ? formatTime(unixSeconds(Number(member))) : member,
    ),
  );
}

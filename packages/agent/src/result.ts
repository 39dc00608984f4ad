// How an exchange ended, as data: for the supervisor, for programs that embed the agent, and for the command line.
import type { Digest, NetworkId, OrganizationId, ProtocolErrorCode, Refusal, UnixSeconds } from '@windlass/protocol';
import type { Seen } from './ladder.ts';
import type { NoAnswerCause, ProbeResult, Stage, StoreReceipt, TrustedInspectionCa } from './ports.ts';
import type { NextExchange } from './supervisor.ts';

/** What every result of an exchange says. */
export interface Common {
  readonly organization: OrganizationId | null;
  readonly network: NetworkId | null;
  /** The path on which the answer came, and what was seen on it; rung null: no answer came. */
  readonly path: Seen;
  /** What is trusted now. */
  readonly inspectionCas: readonly TrustedInspectionCa[];
  readonly stores: readonly StoreReceipt[];
  /** SPKI digests of our anchors that were dropped. */
  readonly removed: readonly Digest[];
  readonly endpoints: readonly ProbeResult[];
  /** The service has the report and said so. */
  readonly reported: boolean;
  /** The system's clock where other programs of this device fail by it. */
  readonly systemClock: ClockFault | null;
  readonly next: NextExchange;
}

/** What the system's clock says, and what time it is at least. */
export interface ClockFault {
  readonly system: UnixSeconds;
  readonly known: UnixSeconds;
}

/** The end itself. */
export type Ended =
  | { readonly outcome: 'active' | 'unclaimed' | 'awaiting-approval' | 'not-inspected' }
  | {
      readonly outcome: 'no-answer';
      readonly cause: NoAnswerCause;
      readonly stage: Stage;
      /** Of HTTP, where something came. */
      readonly status: number | null;
    }
  | { readonly outcome: 'not-valid'; readonly code: ProtocolErrorCode }
  | { readonly outcome: 'refused'; readonly code: Refusal }
  | Reverted;

/** A profile was not kept: which endpoint, or `service`, and why not. */
export interface Reverted {
  readonly outcome: 'reverted';
  readonly code: 'service-not-validated' | 'endpoint-failed' | 'not-confirmed';
  readonly endpoint: string;
  /** Of `service`: a code; `not-permitted`: no inspection CA of the profile is for its name. Of an endpoint null: its verdict says it. */
  readonly why: string | null;
}

export type Result = Common & Ended;

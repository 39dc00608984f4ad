// How an exchange ended, as data: for the supervisor, for programs that embed the agent, and for the command line.
import type { Digest, ProtocolErrorCode, Refusal, UnixSeconds } from '@windlass/protocol';
import type { Standing } from './active-trust.ts';
import type { Seen } from './ladder.ts';
import type { NoAnswer, ProbeResult, StoreReceipt } from './ports.ts';
import type { NextExchange } from './run/supervisor.ts';

/** What every result of an exchange says, beside what is trusted now. */
export interface Common extends Standing {
  /** The path on which an answer came, or should have come, and what was seen on it. */
  readonly path: Seen;
  readonly stores: readonly StoreReceipt[];
  /** SPKI digests of our anchors that were dropped. */
  readonly removed: readonly Digest[];
  readonly endpoints: readonly ProbeResult[];
  /** Why the service does not have the report; null: it has it and said so. */
  readonly unsent: string | null;
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
  | ({ readonly outcome: 'no-answer' } & Pick<NoAnswer, 'cause' | 'stage' | 'status' | 'explicitProxy'>)
  | { readonly outcome: 'not-valid'; readonly code: ProtocolErrorCode }
  | { readonly outcome: 'refused'; readonly code: Refusal }
  | Reverted;

/** A profile was not kept. */
export interface Reverted {
  readonly outcome: 'reverted';
  readonly code: 'service-not-validated' | 'endpoint-failed' | 'not-probed' | 'not-confirmed' | 'clock';
  /**
   * `endpoint-failed`: the endpoint's name, whose verdict says why; `not-probed`: the name of one that is required, and what tries
   * endpoints is not there. `clock`: how many seconds the system's clock, which the configuration calls trusted, is behind the signed
   * time (less than none: ahead), by which the certificate would be judged otherwise. Else why the service was not reached, or did not confirm: a code;
   * `not-permitted`: no inspection CA of the profile is for its name.
   */
  readonly where: string;
}

export type Result = Common & Ended;

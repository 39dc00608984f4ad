// When to talk to the service, as a pure state machine: (state, event) -> (state, effect). Chance and time come with the events.

/** What is known between two exchanges. Times in seconds of the monotonic clock. */
export interface SupervisorState {
  readonly phase: 'waiting' | 'exchanging';
  /** Exchanges in a row that brought no valid answer. */
  readonly failures: number;
  /** When the next exchange is due; while waiting. */
  readonly due: number;
  /** Nothing makes the next exchange come earlier: the service said so with its signature, or there were too many. @see spec L8 */
  readonly notBefore: number;
  /** When the allowance for exchanges is whole again. */
  readonly rested: number;
}

/** `now` in seconds of the monotonic clock, `chance` in [0, 1). */
export type SupervisorEvent =
  /** Time has passed. The first one starts it. */
  | { readonly kind: 'timer'; readonly now: number }
  /** A profile or an inspection CA ended, or the trust changed otherwise while nothing was exchanged. */
  | { readonly kind: 'trust-ended'; readonly now: number }
  | { readonly kind: 'exchanged'; readonly now: number; readonly chance: number; readonly next: NextExchange };

/** What the exchange asks for: a signed interval, a signed wait, or nothing, when no valid answer came. */
export type NextExchange =
  | { readonly kind: 'refresh'; readonly seconds: number; readonly trustEndsIn: number | null }
  | { readonly kind: 'retry'; readonly seconds: number }
  /** `hint`: seconds that nobody signed. */
  | { readonly kind: 'back-off'; readonly hint?: number | undefined };

export type SupervisorEffect = { readonly kind: 'exchange' } | { readonly kind: 'wake'; readonly at: number };

interface Step {
  readonly state: SupervisorState;
  /** Null: nothing is to be done, an exchange is under way. */
  readonly effect: SupervisorEffect | null;
}

const FIRST_BACK_OFF_SECONDS = 10;
const LONGEST_BACK_OFF_SECONDS = 3_600;
/** A signed interval is spread by this share to both sides, so that devices that started together come apart. */
const SPREAD = 0.2;
/** A refresh because something ends is due this long before. */
const BEFORE_END_SECONDS = 60;
const SHORTEST_WAIT_SECONDS = 1;
/** In the long run an exchange takes as much of the allowance as comes back in this time. */
const SECONDS_PER_EXCHANGE = 120;
/** With an allowance for 30 in a row there are at most 60 exchanges in any hour. */
const ALLOWANCE_SECONDS = 29 * SECONDS_PER_EXCHANGE;

export const SUPERVISOR_START: SupervisorState = { phase: 'waiting', failures: 0, due: 0, notBefore: 0, rested: 0 };

/**
 * The first event of a run: `left` seconds, or none or less, are left until `notBefore` of the state, which the service signed in an
 * earlier run. @see spec L8
 */
export function startOf(now: number, chance: number, left: number): SupervisorEvent {
  if (left > 0) return { kind: 'exchanged', now, chance, next: { kind: 'retry', seconds: left } }; // spec L8
  return { kind: 'timer', now };
}

/** The next state, and what is to be done. */
export function step(state: SupervisorState, event: SupervisorEvent): Step {
  if (event.kind === 'exchanged') return exchanged(state, event);
  if (state.phase === 'exchanging') return { state, effect: null };
  const { kind, now } = event;
  const due = kind === 'timer' ? state.due : state.notBefore; // spec L8
  if (now < due) return { state: { ...state, due }, effect: { kind: 'wake', at: due } };
  const rested = Math.max(state.rested, now) + SECONDS_PER_EXCHANGE;
  return { state: { ...state, phase: 'exchanging', rested }, effect: { kind: 'exchange' } };
}

function exchanged(
  { failures: before, rested }: SupervisorState,
  { now, chance, next }: Extract<SupervisorEvent, { kind: 'exchanged' }>,
): Step {
  const { kind } = next;
  const failures = kind === 'back-off' ? before + 1 : 0;
  const asked = now + Math.max(SHORTEST_WAIT_SECONDS, waitOf(next, failures, chance));
  const notBefore = Math.max(rested - ALLOWANCE_SECONDS, kind === 'retry' ? asked : 0);
  const due = Math.max(asked, notBefore);
  return { state: { phase: 'waiting', failures, due, notBefore, rested }, effect: { kind: 'wake', at: due } };
}

/** Seconds to wait. */
function waitOf(next: NextExchange, failures: number, chance: number): number {
  switch (next.kind) {
    case 'refresh': {
      const spread = next.seconds * (1 - SPREAD + 2 * SPREAD * chance);
      return next.trustEndsIn === null ? spread : Math.min(spread, beforeEnd(next.trustEndsIn));
    }
    case 'retry':
      return next.seconds * (1 + chance); // spec L8: those who were told the same come evenly over as long again
    case 'back-off': {
      const longest = Math.min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** (failures - 1));
      const hint = Math.min(LONGEST_BACK_OFF_SECONDS, (next.hint ?? 0) * (1 + chance)); // spec L9
      return Math.max(hint, longest * (0.5 + 0.5 * chance));
    }
  }
}

/** Once before the end, to get the successor in time; in the last minute at the end itself, to drop what ended. */
function beforeEnd(seconds: number): number {
  return seconds > BEFORE_END_SECONDS ? seconds - BEFORE_END_SECONDS : seconds;
}

// When to talk to the service, as a pure state machine: (state, event) -> (state, effect). Chance and time come with the events.

/** What is known between two exchanges. Times in seconds of the monotonic clock. */
export interface SupervisorState {
  readonly phase: 'waiting' | 'exchanging';
  /** Exchanges in a row that brought no valid answer. */
  readonly failures: number;
  /** When the next exchange is due; while waiting. */
  readonly due: number;
}

export type SupervisorEvent =
  /** Time has passed. The first one starts it. */
  | { readonly kind: 'timer'; readonly now: number }
  /** A profile or an inspection CA ended, or the trust changed otherwise while nothing was exchanged. */
  | { readonly kind: 'trust-ended' }
  | { readonly kind: 'exchanged'; readonly now: number; readonly chance: number; readonly next: NextExchange };

/** What the exchange asks for: a signed interval, a signed wait, or nothing, when no valid answer came. */
export type NextExchange =
  | { readonly kind: 'refresh'; readonly seconds: number; readonly trustEndsIn: number | null }
  | { readonly kind: 'retry'; readonly seconds: number }
  | { readonly kind: 'back-off' };

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

export const SUPERVISOR_START: SupervisorState = { phase: 'waiting', failures: 0, due: 0 };

/** The next state, and what is to be done. */
export function step(state: SupervisorState, event: SupervisorEvent): Step {
  const { phase, due } = state;
  if (event.kind === 'exchanged') return exchanged(state, event);
  if (phase === 'exchanging') return { state, effect: null };
  if (event.kind === 'timer' && event.now < due) return { state, effect: { kind: 'wake', at: due } };
  return { state: { ...state, phase: 'exchanging' }, effect: { kind: 'exchange' } };
}

function exchanged(
  state: SupervisorState,
  { now, chance, next }: Extract<SupervisorEvent, { kind: 'exchanged' }>,
): Step {
  const failures = next.kind === 'back-off' ? state.failures + 1 : 0;
  const due = now + Math.max(SHORTEST_WAIT_SECONDS, waitOf(next, failures, chance));
  return { state: { phase: 'waiting', failures, due }, effect: { kind: 'wake', at: due } };
}

/** Seconds to wait; `chance` is in [0, 1). */
function waitOf(next: NextExchange, failures: number, chance: number): number {
  switch (next.kind) {
    case 'refresh': {
      const spread = next.seconds * (1 - SPREAD + 2 * SPREAD * chance);
      return next.trustEndsIn === null ? spread : Math.min(spread, beforeEnd(next.trustEndsIn));
    }
    case 'retry':
      return next.seconds * (1 + SPREAD * chance); // never earlier than the service said
    case 'back-off': {
      const longest = Math.min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** (failures - 1));
      return longest * (0.5 + 0.5 * chance);
    }
  }
}

/** Once before the end, to get the successor in time; in the last minute at the end itself, to drop what ended. */
function beforeEnd(seconds: number): number {
  return seconds > BEFORE_END_SECONDS ? seconds - BEFORE_END_SECONDS : seconds;
}

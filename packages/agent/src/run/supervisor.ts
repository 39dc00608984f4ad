// When to talk to the service, as a pure state machine: (state, event) -> (state, effect). Chance and time come with the events.

/** What is known between two exchanges. Times in seconds of the monotonic clock. */
export interface SupervisorState {
  readonly phase: 'waiting' | 'exchanging';
  /** Exchanges in a row that brought no valid answer, or nothing settled. */
  readonly failures: number;
  /** When the next exchange is due; while waiting. */
  readonly due: number;
  /** Nothing makes the next exchange come earlier: the service said so with its signature, or there were too many. @see spec L8 */
  readonly notBefore: number;
  /** When the allowance for exchanges is whole again. */
  readonly rested: number;
}

/** What happens around the device between two exchanges and makes the next one urgent. */
export type Happening = 'network-changed' | 'resumed';

/** `now` in seconds of the monotonic clock, `chance` in [0, 1). */
export type SupervisorEvent =
  /**
   * The first one. What earlier runs left, in seconds from now, or none or less: `left` until the time that the service signed, `owed`
   * until the allowance is whole again. `isKnown`: the device had an answer before, so the first exchange is no hurry.
   */
  | {
      readonly kind: 'started';
      readonly now: number;
      readonly chance: number;
      readonly left: number;
      readonly owed: number;
      readonly isKnown: boolean;
    }
  /** Time has passed. */
  | { readonly kind: 'timer'; readonly now: number }
  /** A profile or an inspection CA ended, or something else happened while nothing was exchanged. */
  | { readonly kind: 'trust-ended' | Happening; readonly now: number; readonly chance: number }
  | { readonly kind: 'exchanged'; readonly now: number; readonly chance: number; readonly next: NextExchange };

/** What the exchange asks for: a signed interval, a signed wait, or nothing, when no valid answer came. */
export type NextExchange =
  /** `isUnsettled`: what was seen may change at any moment; it is looked at again as after a failure. */
  | {
      readonly kind: 'refresh';
      readonly seconds: number;
      readonly trustEndsIn: number | null;
      readonly isUnsettled?: boolean;
    }
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
/** What makes a whole fleet come at one moment is spread over so long, so that no second gets more than a twentieth of it. */
const FLEET_SPREAD_SECONDS = 60;
/** What only this device notices, at a moment of its own. */
const OWN_SPREAD_SECONDS = 5;
/** A refresh because something ends comes so long before that the answer is there in time. */
const BEFORE_END_SECONDS = 10;
/** Nor longer before than this. */
const EARLIEST_BEFORE_END_SECONDS = 3_600;
const SHORTEST_WAIT_SECONDS = 1;
/** In the long run an exchange takes as much of the allowance as comes back in this time. */
const SECONDS_PER_EXCHANGE = 120;
/** With an allowance for 30 in a row there are at most 60 exchanges in any hour. */
const ALLOWANCE_SECONDS = 29 * SECONDS_PER_EXCHANGE;
/** What is owed at most: an exchange begins only while less than the allowance is. */
const MOST_OWED_SECONDS = ALLOWANCE_SECONDS + SECONDS_PER_EXCHANGE;
/** What nobody signed is spread over as long again, and all of it is no more than the longest back-off. @see spec L9 */
const LONGEST_HINT_SECONDS = LONGEST_BACK_OFF_SECONDS / 2;

export const SUPERVISOR_START: SupervisorState = { phase: 'waiting', failures: 0, due: 0, notBefore: 0, rested: 0 };

/** The next state, and what is to be done. */
export function step(state: SupervisorState, event: SupervisorEvent): Step {
  const { kind, now } = event;
  if (kind === 'exchanged') return exchanged(state, event);
  if (state.phase === 'exchanging') return { state, effect: null };
  if (kind === 'started') return started(event);
  if (kind === 'timer') return onwards(state, now);
  const isOwn = kind !== 'trust-ended';
  const soon = now + event.chance * (isOwn ? OWN_SPREAD_SECONDS : FLEET_SPREAD_SECONDS);
  const due = Math.min(state.due, Math.max(soon, state.notBefore)); // spec L8
  return onwards({ ...state, due, failures: isOwn ? 0 : state.failures }, now);
}

/** In an earlier run the service may have signed a wait, or the allowance may have been used up. @see spec L8 */
function started({ now, chance, left, owed, isKnown }: Extract<SupervisorEvent, { kind: 'started' }>): Step {
  const next: NextExchange = { kind: 'retry', seconds: left };
  const rested = now + Math.max(0, Math.min(owed, MOST_OWED_SECONDS));
  if (left > 0) return exchanged({ ...SUPERVISOR_START, rested }, { now, chance, next }); // spec L8
  const notBefore = rested - ALLOWANCE_SECONDS;
  const due = Math.max(isKnown ? now + chance * FLEET_SPREAD_SECONDS : now, notBefore);
  return onwards({ ...SUPERVISOR_START, due, notBefore, rested }, now);
}

/** An exchange where it is due, else a wait for that moment. */
function onwards(state: SupervisorState, now: number): Step {
  if (now < state.due) return { state, effect: { kind: 'wake', at: state.due } };
  const rested = Math.max(state.rested, now) + SECONDS_PER_EXCHANGE;
  return { state: { ...state, phase: 'exchanging', rested }, effect: { kind: 'exchange' } };
}

function exchanged(
  { failures: before, rested }: SupervisorState,
  { now, chance, next }: Pick<Extract<SupervisorEvent, { kind: 'exchanged' }>, 'now' | 'chance' | 'next'>,
): Step {
  const { kind } = next;
  const failures = kind === 'back-off' || (kind === 'refresh' && next.isUnsettled) ? before + 1 : 0;
  const asked = now + Math.max(SHORTEST_WAIT_SECONDS, waitOf(next, failures, chance));
  const notBefore = Math.max(rested - ALLOWANCE_SECONDS, kind === 'retry' ? asked : 0);
  return onwards({ phase: 'waiting', failures, due: Math.max(asked, notBefore), notBefore, rested }, now);
}

/** Seconds to wait. */
function waitOf(next: NextExchange, failures: number, chance: number): number {
  switch (next.kind) {
    case 'refresh': {
      const spread = next.seconds * (1 - SPREAD + 2 * SPREAD * chance);
      const again = next.isUnsettled ? backOff(failures, chance) : spread;
      return Math.min(spread, again, next.trustEndsIn === null ? spread : beforeEnd(next.trustEndsIn, chance));
    }
    case 'retry':
      return next.seconds * (1 + chance); // spec L8: those who were told the same come evenly over as long again
    case 'back-off': {
      const hint = Math.min(LONGEST_HINT_SECONDS, next.hint ?? 0) * (1 + chance); // spec L9
      return Math.max(hint, backOff(failures, chance));
    }
  }
}

function backOff(failures: number, chance: number): number {
  const longest = Math.min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** (failures - 1));
  return longest * (0.5 + 0.5 * chance);
}

/**
 * Once before the end, to get the successor in time: evenly over the second half of the time that is left. Where that is too short to
 * spread a fleet over it, the end itself leads to an exchange.
 */
function beforeEnd(seconds: number, chance: number): number {
  if (seconds < 2 * FLEET_SPREAD_SECONDS) return Number.POSITIVE_INFINITY;
  return seconds - BEFORE_END_SECONDS - chance * Math.min(seconds / 2, EARLIEST_BEFORE_END_SECONDS);
}

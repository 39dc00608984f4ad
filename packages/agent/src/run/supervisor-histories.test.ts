import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Happening,
  type NextExchange,
  SUPERVISOR_START,
  type SupervisorEvent,
  type SupervisorState,
  step,
} from './supervisor.ts';

// Lives of devices as the run loop leads them: it sleeps until it is to wake, or is woken earlier or far too late, and exchanges when it is to.

const HOUR = 3_600;
const MOST_PER_HOUR = 60;
/** A signed interval of 30 days, spread: nothing makes it wait longer. */
const LONGEST_WAIT = 2_592_000 * 1.2;

/** One wait and the exchange after it. */
interface Episode {
  /** What happens in the wait, each after this share of the rest of it. */
  readonly wait: readonly { readonly kind: 'timer' | 'trust-ended' | Happening; readonly share: number }[];
  /** How much too late it wakes: the device was suspended, or is slow. */
  readonly late: number;
  readonly lasts: number;
  readonly chance: number;
  readonly next: NextExchange;
  /** The process ends, in the exchange or after it, and is started again so many seconds later, which only some clocks have seen. */
  readonly restart: { readonly in: boolean; readonly after: number; readonly seen: boolean } | null;
}

const KINDS = ['timer', 'trust-ended', 'network-changed', 'resumed'] as const;
const share = fc.double({ min: 0, max: 0.999, noNaN: true });
/** Mostly the shortest, which only a hostile or mistaken service signs. */
const seconds = (max: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) }, fc.integer({ min: 1, max }));
/** The wall clock jumps: what ends does so long ago, now, or never. */
const trustEndsIn = fc.option(fc.oneof(fc.integer({ min: -5, max: 90 }), fc.integer()), { nil: null });
const next: fc.Arbitrary<NextExchange> = fc.oneof(
  fc.record({ kind: fc.constant('refresh' as const), seconds: seconds(2_592_000), trustEndsIn }),
  fc.record({ kind: fc.constant('retry' as const), seconds: seconds(86_400) }),
  fc.record({ kind: fc.constant('back-off' as const), hint: fc.oneof(fc.constant(0), fc.nat()) }),
);
const episode: fc.Arbitrary<Episode> = fc.record({
  wait: fc.array(fc.record({ kind: fc.constantFrom(...KINDS), share }), { maxLength: 3 }),
  late: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(100_000)),
  lasts: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(90)),
  chance: share,
  next,
  restart: fc.oneof(
    { weight: 10, arbitrary: fc.constant(null) },
    fc.record({ in: fc.boolean(), after: fc.nat(100), seen: fc.boolean() }),
  ),
});
/** Some lives are monotonous: the same again and again. */
const history: fc.Arbitrary<readonly Episode[]> = fc.oneof(
  fc.array(episode, { maxLength: 20 }),
  fc.tuple(episode, fc.integer({ min: 60, max: 130 })).map(([one, times]) => new Array<Episode>(times).fill(one)),
);

/** Ten thousand histories have a million of these: `expect` takes too long. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`It must hold: ${what}`);
}

/** Lives through it; `seen` is told of each exchange and of the earliest time that was signed for it. */
function live(episodes: readonly Episode[], seen: (started: number, signed: number) => void): void {
  let [now, signed, rested] = [1, 0, 0];
  let state: SupervisorState = SUPERVISOR_START;
  const happen = (event: SupervisorEvent): boolean => {
    const { state: after, effect } = step(state, event);
    state = after;
    if (effect?.kind !== 'exchange') {
      must(effect?.kind === 'wake' && effect.at === state.due, 'wakes when it is due');
      must(state.due - now <= LONGEST_WAIT, 'does not wait longer than it was told');
      return false;
    }
    seen(now, signed);
    rested = state.rested; // durable before anything is sent
    return true;
  };
  let asks = happen({ kind: 'started', now, chance: 0, left: 0, owed: 0, isKnown: false });
  for (const { wait, late, lasts, chance, next, restart } of episodes) {
    asks ||= wait.some(({ kind, share }) => {
      now += Math.max(0, state.due - now) * share;
      return happen({ kind, now, chance });
    });
    if (!asks) {
      now = Math.max(now, state.due) + late;
      must(happen({ kind: 'timer', now }), 'always comes back');
    }
    now += lasts;
    if (!restart?.in) {
      signed = next.kind === 'retry' ? now + next.seconds : 0;
      asks = happen({ kind: 'exchanged', now, chance, next });
    }
    if (restart === null) continue;
    const since = now;
    [now, state] = [now + restart.after, SUPERVISOR_START];
    const known = restart.seen ? now : since;
    asks = happen({ kind: 'started', now, chance, left: signed - known, owed: rested - known, isKnown: chance > 0.5 });
  }
}

test('[L8] over 10 000 histories it is never earlier than signed, never more than 60 times in an hour, and always comes back', () => {
  let most = 0;
  fc.assert(
    fc.property(history, (episodes) => {
      let starts: number[] = [];
      live(episodes, (now, signed) => {
        must(now >= signed, 'is never earlier than signed');
        starts = [...starts.filter((start) => start > now - HOUR), now];
        most = Math.max(most, starts.length);
        must(starts.length <= MOST_PER_HOUR, 'is not more often than allowed');
      });
    }),
    { numRuns: 10_000 },
  );
  expect(most).toBeGreaterThan(MOST_PER_HOUR / 2); // the histories came near it
}, 120_000);

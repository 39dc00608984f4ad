import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Happening,
  type NextExchange,
  SUPERVISOR_START,
  type SupervisorEvent,
  type SupervisorState,
  step,
} from './supervisor.ts';

type Step = ReturnType<typeof step>;

const HAPPENINGS = ['network-changed', 'resumed'] as const;

const exchanging: SupervisorState = { ...SUPERVISOR_START, phase: 'exchanging' };

function exchanged(next: NextExchange, chance = 0.5, state = exchanging, now = 1_000): Step {
  return step(state, { kind: 'exchanged', now, chance, next });
}

function happened(kind: 'trust-ended' | Happening, now: number, state: SupervisorState, chance = 0.5): Step {
  return step(state, { kind, now, chance });
}

function startedAfter(earlier: { left?: number; owed?: number; isKnown?: boolean }, chance = 0.5): Step {
  return step(SUPERVISOR_START, { kind: 'started', now: 1_000, chance, left: 0, owed: 0, isKnown: false, ...earlier });
}

const DEVICES = 1_000;
const fleet = fc.array(fc.noBias(fc.nat(999_999)), { minLength: DEVICES, maxLength: DEVICES });

/** No second gets more than a twentieth of the devices that are due at these moments. */
function isNoStorm(dues: readonly number[]): void {
  const busiest = dues.map((due) => dues.filter((other) => other >= due && other < due + 1).length);
  expect(Math.max(...busiest)).toBeLessThan(dues.length / 20);
}

function waitAfter(next: NextExchange, chance = 0.5, state = exchanging): number {
  return exchanged(next, chance, state).state.due - 1_000;
}

describe('the supervisor', () => {
  test('the first thing it does is an exchange', () => {
    expect(startedAfter({}).effect).toEqual({ kind: 'exchange' });
  });

  test('a fleet that gets its power back in one second does not come in one second', () => {
    fc.assert(
      fc.property(fleet, (chances) => {
        isNoStorm(chances.map((chance) => startedAfter({ isKnown: true }, chance / 1_000_000).state.due));
      }),
      { numRuns: 20 },
    );
  });

  test('[L8] started again it waits for the time that the service signed, and pays what it owes of its allowance', () => {
    expect([0, 0.5].map((chance) => startedAfter({ left: 60 }, chance).state.due - 1_000)).toEqual([60, 90]);
    const owing = startedAfter({ owed: 3_600 });
    expect(owing.effect).toEqual({ kind: 'wake', at: 1_120 });
    expect(happened('network-changed', 1_010, owing.state).effect).toEqual({ kind: 'wake', at: 1_120 });
    expect(startedAfter({ owed: 100 }).state).toMatchObject({ phase: 'exchanging', rested: 1_220 });
  });

  test('what a clock that went back makes of what it owes is no longer wait than two minutes', () => {
    expect(startedAfter({ owed: 1_000_000_000 }).state.due).toBe(1_120);
  });

  test('a refresh comes at the signed interval, spread by a fifth to both sides', () => {
    const next = { kind: 'refresh', seconds: 1_000, trustEndsIn: null } as const;
    expect([0, 0.5, 1].map((chance) => waitAfter(next, chance))).toEqual([800, 1_000, 1_200]);
  });

  test('a profile that ends earlier brings the refresh forward, into the second half of what is left or the last hour', () => {
    const until = (trustEndsIn: number, chance: number): number =>
      waitAfter({ kind: 'refresh', seconds: 100_000, trustEndsIn }, chance);
    expect([0, 0.5, 1].map((chance) => until(300, chance))).toEqual([290, 215, 140]);
    expect([0, 1].map((chance) => until(20_000, chance))).toEqual([19_990, 16_390]);
  });

  test('too near the end for that, the end itself leads to the exchange', () => {
    const { state } = exchanged({ kind: 'refresh', seconds: 1_000, trustEndsIn: 119 });
    expect(state.due).toBe(2_000);
    expect([0, 0.5].map((chance) => happened('trust-ended', 1_119, state, chance).state.due)).toEqual([1_119, 1_149]);
    expect(waitAfter({ kind: 'refresh', seconds: 1_000, trustEndsIn: -5 })).toBe(1_000);
  });

  test('a fleet whose profile ends in one second comes in no second, neither before the end nor after it', () => {
    fc.assert(
      fc.property(fleet, fc.integer({ min: 1, max: 100_000 }), (chances, trustEndsIn) => {
        const next = { kind: 'refresh', seconds: 1_000_000, trustEndsIn } as const;
        const told = chances.map((chance) => exchanged(next, chance / 1_000_000).state);
        const due = told.map((state, i) => {
          const end = 1_000 + trustEndsIn;
          const other = (chances[(i * 7 + 1) % chances.length] ?? 0) / 1_000_000;
          return state.due < end ? state.due : happened('trust-ended', end, state, other).state.due;
        });
        isNoStorm(due);
        expect(Math.max(...due)).toBeLessThan(1_000 + trustEndsIn + 60);
      }),
      { numRuns: 40 },
    );
  });

  test('[L8] it never comes back earlier than a signed retryAfterSeconds, and not later than after twice as long', () => {
    expect([0, 0.5, 0.999].map((chance) => Math.round(waitAfter({ kind: 'retry', seconds: 60 }, chance)))).toEqual([
      60, 90, 120,
    ]);
  });

  test('[L8] of a fleet that was told 60 seconds less than 5 % comes in any second, also when its trust ends meanwhile', () => {
    fc.assert(
      fc.property(fleet, fc.option(fc.integer({ min: 1, max: 59 }), { nil: null }), (chances, endsAfter) => {
        const dues = chances.map((chance) => {
          const told = exchanged({ kind: 'retry', seconds: 60 }, chance / 1_000_000).state;
          const { state } = endsAfter === null ? { state: told } : happened('trust-ended', 1_000 + endsAfter, told);
          return state.due - 1_000;
        });
        expect(Math.min(...dues)).toBeGreaterThanOrEqual(60);
        isNoStorm(dues);
      }),
      { numRuns: 20 },
    );
  });

  test('without an answer it waits longer each time, up to an hour, and an answer starts from the beginning', () => {
    const waits = [0, 1, 2, 20].map((failures) =>
      waitAfter({ kind: 'back-off', hint: 0 }, 0.999, { ...exchanging, failures }),
    );
    expect(waits.map(Math.round)).toEqual([10, 20, 40, 3_598]);
    expect(exchanged({ kind: 'retry', seconds: 1 }, 0, { ...exchanging, failures: 9 }).state.failures).toBe(0);
  });

  test('[L9] a hint that nobody signed makes the wait longer, spread as a signed one, to an hour at most; never shorter', () => {
    const hinted = (hint: number, chance: number, failures = 0) =>
      Math.round(waitAfter({ kind: 'back-off', hint }, chance, { ...exchanging, failures }));
    expect([0, 0.5, 0.999].map((chance) => hinted(120, chance))).toEqual([120, 180, 240]);
    expect([0, 0.999].map((chance) => hinted(86_400, chance))).toEqual([1_800, 3_598]);
    expect(hinted(1, 0, 5)).toBe(160);
    const { state } = exchanged({ kind: 'back-off', hint: 120 });
    expect(happened('network-changed', 1_001, state, 0).effect).toEqual({ kind: 'exchange' });
  });

  test.each(HAPPENINGS)('%s: it asks within five seconds, and not twice at a time', (kind) => {
    const waiting = exchanged({ kind: 'refresh', seconds: 1_000, trustEndsIn: null }).state;
    expect([0, 0.5].map((chance) => happened(kind, 1_010, waiting, chance).effect)).toEqual([
      { kind: 'exchange' },
      { kind: 'wake', at: 1_012.5 },
    ]);
    expect(happened(kind, 1_999, waiting, 0.9).effect).toEqual({ kind: 'wake', at: 2_000 });
    expect(happened(kind, 1_010, exchanging).effect).toBeNull();
  });

  test('while something is unsettled it looks again as after a failure, and not later than it would', () => {
    const waitOf = (seconds: number, failures: number): number =>
      waitAfter({ kind: 'refresh', seconds, trustEndsIn: null, isUnsettled: true }, 0.5, { ...exchanging, failures });
    expect([0, 1, 2, 20].map((failures) => waitOf(86_400, failures))).toEqual([7.5, 15, 30, 2_700]);
    expect(waitOf(100, 20)).toBe(100);
    const settled = exchanged({ kind: 'refresh', seconds: 86_400, trustEndsIn: null }, 0.5, {
      ...exchanging,
      failures: 9,
    });
    expect(settled.state).toMatchObject({ failures: 0, due: 87_400 });
  });

  test('on another network the back-off begins anew: what failed on the old one says nothing', () => {
    const tired = exchanged({ kind: 'back-off', hint: 0 }, 0.5, { ...exchanging, failures: 20 }).state;
    expect(happened('network-changed', 1_010, tired).state.failures).toBe(0);
    expect(happened('trust-ended', 1_010, tired).state.failures).toBe(21);
  });

  test('[L8] when the trust ends before the time that the service signed, it waits for that time', () => {
    const told = exchanged({ kind: 'retry', seconds: 60 }).state;
    const { state, effect } = happened('trust-ended', 1_010, told);
    expect(effect).toEqual({ kind: 'wake', at: 1_090 });
    expect(step(state, { kind: 'timer', now: 1_090 }).effect).toEqual({ kind: 'exchange' });
  });

  test('[L8] thirty times in a row it does what it is told, and then every two minutes', () => {
    let [state, now] = [SUPERVISOR_START, 1_000];
    const waits = Array.from({ length: 32 }, () => {
      state = step(state, { kind: 'timer', now }).state;
      state = exchanged({ kind: 'refresh', seconds: 1, trustEndsIn: null }, 0.5, state, now).state;
      const wait = state.due - now;
      now = state.due;
      return wait;
    });
    expect(waits.slice(0, 29)).toEqual(new Array(29).fill(1));
    expect(waits.slice(30)).toEqual([120, 120]);
  });

  test('over any history there is one exchange at a time, and never one before it is due', () => {
    const next = fc.oneof(
      fc.record({
        kind: fc.constant('refresh' as const),
        seconds: fc.integer({ min: 1, max: 2_592_000 }),
        trustEndsIn: fc.option(fc.integer(), { nil: null }),
      }),
      fc.record({ kind: fc.constant('retry' as const), seconds: fc.integer({ min: 1, max: 86_400 }) }),
      fc.record({ kind: fc.constant('back-off' as const), hint: fc.nat(10_000) }),
    );
    const now = fc.nat(10_000_000);
    const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
    const urgent = fc.constantFrom('trust-ended' as const, ...HAPPENINGS);
    const event: fc.Arbitrary<SupervisorEvent> = fc.oneof(
      fc.record({ kind: fc.constant('timer' as const), now }),
      fc.record({ kind: urgent, now, chance }),
      fc.record({ kind: fc.constant('exchanged' as const), now, chance, next }),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let state = SUPERVISOR_START;
        for (const each of events) {
          if (each.kind === 'exchanged' && state.phase === 'waiting') continue; // an answer needs a question
          const { state: after, effect } = step(state, each);
          const isExchange = effect?.kind === 'exchange';
          expect(isExchange).toBe(state.phase === 'waiting' && after.phase === 'exchanging');
          if (isExchange) expect(each.now).toBeGreaterThanOrEqual(after.due);
          if (isExchange) expect(each.now).toBeGreaterThanOrEqual(state.notBefore);
          if (each.kind === 'exchanged' && state.phase === 'exchanging') expect(after.due).toBeGreaterThan(each.now);
          state = after;
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

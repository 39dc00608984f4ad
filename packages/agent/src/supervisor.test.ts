import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NextExchange, SUPERVISOR_START, type SupervisorEvent, type SupervisorState, step } from './supervisor.ts';

const exchanging: SupervisorState = { ...SUPERVISOR_START, phase: 'exchanging' };

function exchanged(next: NextExchange, chance = 0.5, state = exchanging, now = 1_000): ReturnType<typeof step> {
  return step(state, { kind: 'exchanged', now, chance, next });
}

function trustEnded(now: number, state: SupervisorState): ReturnType<typeof step> {
  return step(state, { kind: 'trust-ended', now });
}

function waitAfter(next: NextExchange, chance = 0.5, state = exchanging): number {
  return exchanged(next, chance, state).state.due - 1_000;
}

describe('the supervisor', () => {
  test('the first thing it does is an exchange', () => {
    expect(step(SUPERVISOR_START, { kind: 'timer', now: 0 }).effect).toEqual({ kind: 'exchange' });
  });

  test('a refresh comes at the signed interval, spread by a fifth to both sides', () => {
    const next = { kind: 'refresh', seconds: 1_000, trustEndsIn: null } as const;
    expect([0, 0.5, 1].map((chance) => waitAfter(next, chance))).toEqual([800, 1_000, 1_200]);
  });

  test('a profile that ends earlier brings the refresh forward, and its last minute does not become a storm', () => {
    expect(waitAfter({ kind: 'refresh', seconds: 1_000, trustEndsIn: 300 })).toBe(240);
    expect(waitAfter({ kind: 'refresh', seconds: 1_000, trustEndsIn: 60 })).toBe(60);
    expect(waitAfter({ kind: 'refresh', seconds: 1_000, trustEndsIn: -5 })).toBe(1);
  });

  test('[L8] it never comes back earlier than a signed retryAfterSeconds, and not later than after twice as long', () => {
    expect([0, 0.5, 0.999].map((chance) => Math.round(waitAfter({ kind: 'retry', seconds: 60 }, chance)))).toEqual([
      60, 90, 120,
    ]);
  });

  test('[L8] of a fleet that was told 60 seconds less than 5 % comes in any second, also when its trust ends meanwhile', () => {
    const chances = fc.array(fc.noBias(fc.nat(999_999)), { minLength: 1_000, maxLength: 1_000 });
    fc.assert(
      fc.property(chances, fc.option(fc.integer({ min: 1, max: 59 }), { nil: null }), (fleet, endsAfter) => {
        const dues = fleet.map((chance) => {
          const told = exchanged({ kind: 'retry', seconds: 60 }, chance / 1_000_000).state;
          const { state } = endsAfter === null ? { state: told } : trustEnded(1_000 + endsAfter, told);
          return state.due - 1_000;
        });
        expect(Math.min(...dues)).toBeGreaterThanOrEqual(60);
        const busiest = dues.map((due) => dues.filter((other) => other >= due && other < due + 1).length);
        expect(Math.max(...busiest)).toBeLessThan(50);
      }),
      { numRuns: 20 },
    );
  });

  test('without an answer it waits longer each time, up to an hour, and an answer starts from the beginning', () => {
    const waits = [0, 1, 2, 20].map((failures) => waitAfter({ kind: 'back-off' }, 0.999, { ...exchanging, failures }));
    expect(waits.map(Math.round)).toEqual([10, 20, 40, 3_598]);
    expect(exchanged({ kind: 'retry', seconds: 1 }, 0, { ...exchanging, failures: 9 }).state.failures).toBe(0);
  });

  test('[L9] a hint that nobody signed makes the wait longer, spread as a signed one, to an hour at most; never shorter', () => {
    const hinted = (hint: number, chance: number, failures = 0) =>
      Math.round(waitAfter({ kind: 'back-off', hint }, chance, { ...exchanging, failures }));
    expect([0, 0.5, 0.999].map((chance) => hinted(120, chance))).toEqual([120, 180, 240]);
    expect([0, 0.999].map((chance) => hinted(86_400, chance))).toEqual([3_600, 3_600]);
    expect(hinted(1, 0, 5)).toBe(160);
    const { state } = exchanged({ kind: 'back-off', hint: 120 });
    expect(trustEnded(1_001, state).effect).toEqual({ kind: 'exchange' });
  });

  test('when the trust ends it asks at once, and not twice at a time', () => {
    const waiting = exchanged({ kind: 'refresh', seconds: 1_000, trustEndsIn: 300 }).state;
    expect(trustEnded(1_010, waiting).effect).toEqual({ kind: 'exchange' });
    expect(trustEnded(1_010, exchanging).effect).toBeNull();
  });

  test('[L8] when the trust ends before the time that the service signed, it waits for that time', () => {
    const told = exchanged({ kind: 'retry', seconds: 60 }).state;
    const { state, effect } = trustEnded(1_010, told);
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
      fc.record({ kind: fc.constant('back-off' as const) }),
    );
    const now = fc.nat(10_000_000);
    const event: fc.Arbitrary<SupervisorEvent> = fc.oneof(
      fc.record({ kind: fc.constant('timer' as const), now }),
      fc.record({ kind: fc.constant('trust-ended' as const), now }),
      fc.record({
        kind: fc.constant('exchanged' as const),
        now,
        chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
        next,
      }),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let state = SUPERVISOR_START;
        for (const each of events) {
          if (each.kind === 'exchanged' && state.phase === 'waiting') continue; // an answer needs a question
          const { state: after, effect } = step(state, each);
          const isExchange = effect?.kind === 'exchange';
          expect(isExchange).toBe(state.phase === 'waiting' && after.phase === 'exchanging');
          if (isExchange && each.kind === 'timer') expect(each.now).toBeGreaterThanOrEqual(state.due);
          if (isExchange) expect('now' in each && each.now).toBeGreaterThanOrEqual(state.notBefore);
          if (each.kind === 'exchanged' && state.phase === 'exchanging') expect(after.due).toBeGreaterThan(each.now);
          state = after;
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NextExchange, SUPERVISOR_START, type SupervisorEvent, type SupervisorState, step } from './supervisor.ts';

const exchanging: SupervisorState = { ...SUPERVISOR_START, phase: 'exchanging' };

function exchanged(next: NextExchange, chance = 0.5, state = exchanging): ReturnType<typeof step> {
  return step(state, { kind: 'exchanged', now: 1_000, chance, next });
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

  test('it never comes back earlier than a signed retryAfterSeconds', () => {
    expect([0, 0.999].map((chance) => waitAfter({ kind: 'retry', seconds: 60 }, chance) >= 60)).toEqual([true, true]);
  });

  test('without an answer it waits longer each time, up to an hour, and an answer starts from the beginning', () => {
    const waits = [0, 1, 2, 20].map((failures) => waitAfter({ kind: 'back-off' }, 0.999, { ...exchanging, failures }));
    expect(waits.map(Math.round)).toEqual([10, 20, 40, 3_598]);
    expect(exchanged({ kind: 'retry', seconds: 1 }, 0, { ...exchanging, failures: 9 }).state.failures).toBe(0);
  });

  test('when the trust ends it asks at once, and not twice at a time', () => {
    expect(step(SUPERVISOR_START, { kind: 'trust-ended' }).effect).toEqual({ kind: 'exchange' });
    expect(step(exchanging, { kind: 'trust-ended' }).effect).toBeNull();
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
      fc.record({ kind: fc.constant('trust-ended' as const) }),
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
          if (each.kind === 'exchanged' && state.phase === 'exchanging') expect(after.due).toBeGreaterThan(each.now);
          state = after;
        }
      }),
      { numRuns: 500 },
    );
  });
});

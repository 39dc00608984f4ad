import { readFileSync } from 'node:fs';
import { type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { describe, expect, test } from 'vitest';
import { createAgentClock, machineClock } from './clock.ts';
import { clockText } from './command-line/sentences.ts';
import { goOnFrom } from './command-line/shift.ts';
import type { Clock } from './ports.ts';

const FLOOR = unixSeconds(1_772_366_400); // 2026-03-01T12:00:00Z
const YEAR = 365 * 86_400;

function system(now: number): { clock: Clock; pass(seconds: number): void; set(now: number): void } {
  let [time, monotonic] = [now, 500];
  return {
    clock: { now: () => time as UnixSeconds, uptime: () => monotonic },
    pass(seconds) {
      time += seconds;
      monotonic += seconds;
    },
    set(to) {
      time = to;
    },
  };
}

describe('the clock of the agent', () => {
  test.each([
    ['1970', 0],
    ['the day before the last signed time', FLOOR - 86_408],
    ['2099', unixSeconds(4_070_908_800)],
    ['more than ten years after the floor', FLOOR + 10 * YEAR + 3 * 86_400],
  ])(
    '[T4] a system clock at %s is never believed, whoever vouches for it: the time is the floor and the seconds since',
    (_, now) => {
      const { clock, pass } = system(now);
      const tested = createAgentClock(clock, { floor: FLOOR, vouched: true });
      pass(7);
      expect(tested.read()).toEqual({ state: 'floor', time: FLOOR + 7 });
      expect(clockText(tested.fault())).toContain('system clock wrong: other programs will fail');
    },
  );

  test('[T5] a process that goes on for another one has its time: a system clock that runs ahead is not believed in place of the signed time', () => {
    const { clock, pass } = system(FLOOR + YEAR);
    const first = createAgentClock(clock, { floor: FLOOR, vouched: false });
    first.accept(unixSeconds(FLOOR + 100));
    pass(3_600);
    const second = createAgentClock(clock, { floor: unixSeconds(FLOOR + 100), vouched: false });
    expect(second.read().time).toBe(FLOOR + YEAR + 3_600);
    goOnFrom(second, JSON.parse(JSON.stringify(first.start)));
    expect(second.read()).toEqual({ state: 'untrusted', time: FLOOR + 3_700 });
    expect(second.fault()).toEqual(first.fault());
  });

  test('[T4] inside it is trusted only where the configuration says so', () => {
    const { clock } = system(FLOOR + YEAR);
    const [trusted, untrusted] = [true, false].map((vouched) => createAgentClock(clock, { floor: FLOOR, vouched }));
    expect(trusted?.read()).toEqual({ state: 'trusted', time: FLOOR + YEAR });
    expect(untrusted?.read()).toEqual({ state: 'untrusted', time: FLOOR + YEAR });
    expect(untrusted?.fault()).toBeNull();
  });

  test('[T4] a system clock that signed times have led by less than a day is not outside; without a voucher its time is the floor and the seconds since', () => {
    const { clock, pass } = system(FLOOR - 86_400);
    const [trusted, untrusted] = [true, false].map((vouched) => createAgentClock(clock, { floor: FLOOR, vouched }));
    expect(trusted?.read()).toEqual({ state: 'trusted', time: FLOOR - 86_400 });
    expect(untrusted?.read()).toEqual({ state: 'untrusted', time: FLOOR });
    pass(86_411);
    expect(untrusted?.read()).toEqual({ state: 'untrusted', time: FLOOR + 86_411 });
  });

  test('[T5] a trusted clock stays its own, whatever was signed: several answers lead no further than one', () => {
    const { clock, pass } = system(FLOOR + 10);
    const tested = createAgentClock(clock, { floor: FLOOR, vouched: true });
    tested.accept(unixSeconds(FLOOR + 80_000));
    pass(5);
    expect(tested.read()).toEqual({ state: 'trusted', time: FLOOR + 15 });
    expect(clockText(tested.fault())).toContain('system clock wrong');
  });

  test('[T5] after an accepted decision the time is its time and the seconds since, wherever the system clock jumps', () => {
    const { clock, pass, set } = system(FLOOR + 10);
    const tested = createAgentClock(clock, { floor: FLOOR, vouched: false });
    tested.accept(unixSeconds(FLOOR + 1_000));
    pass(60);
    set(0);
    expect(tested.read().time).toBe(FLOOR + 1_060);
    set(FLOOR + 50_000);
    expect(tested.read().time).toBe(FLOOR + 1_060);
    set(0);
    expect(clockText(tested.fault())).toContain('it says 1970-01-01T00:00:00Z');
  });

  test('[T7] what an earlier run came to is where this one begins, and raises no floor', () => {
    const { clock, pass, set } = system(0);
    const kept = unixSeconds(FLOOR + 3 * 86_400);
    const tested = createAgentClock(clock, { floor: FLOOR, kept, vouched: false });
    pass(60);
    expect(tested.read()).toEqual({ state: 'floor', time: kept + 60 });
    expect(tested.kept()).toBe(kept + 60);
    expect(tested.floor).toBe(FLOOR);
    set(FLOOR + 86_400);
    expect(tested.read()).toEqual({ state: 'untrusted', time: kept + 60 });
    set(kept + 86_400);
    expect(tested.read()).toEqual({ state: 'untrusted', time: kept + 86_400 });
    expect(tested.kept()).toBe(kept + 60);
  });

  test.each([true, false])(
    'a system clock (vouched: %s) that is behind what was kept is told before any answer',
    (vouched) => {
      const { clock, pass } = system(FLOOR + 86_400);
      const kept = unixSeconds(FLOOR + 86_400 + 900);
      const tested = createAgentClock(clock, { floor: FLOOR, kept, vouched });
      expect(tested.fault()).toEqual({ system: FLOOR + 86_400, known: kept });
      pass(60);
      expect(tested.fault()).toEqual({ system: FLOOR + 86_460, known: kept + 60 });
      expect(createAgentClock(clock, { floor: FLOOR, kept: unixSeconds(kept - 700), vouched }).fault()).toBeNull();
    },
  );

  test('[T7] a signed time takes the place of what was kept, also where it is earlier', () => {
    const { clock, pass } = system(0);
    const tested = createAgentClock(clock, { floor: FLOOR, kept: unixSeconds(FLOOR + 86_400), vouched: false });
    tested.accept(unixSeconds(FLOOR + 10));
    pass(5);
    expect(tested.kept()).toBe(FLOOR + 15);
  });

  test('[T7] a process that goes on takes no earlier time than the state has: the one that was ended may have accepted a later', () => {
    const { clock, pass } = system(0);
    const first = createAgentClock(clock, { floor: FLOOR, vouched: false });
    pass(10);
    const later = unixSeconds(FLOOR + 86_400);
    const tested = createAgentClock(clock, { floor: later, kept: later, vouched: false });
    goOnFrom(tested, first.start);
    expect(tested.read()).toEqual({ state: 'floor', time: later });
    expect(tested.kept()).toBe(later);
  });

  test('what was kept counts for nothing where the firmware is younger', () => {
    const tested = createAgentClock(system(0).clock, { floor: FLOOR, kept: unixSeconds(FLOOR - 1), vouched: false });
    expect(tested.kept()).toBe(FLOOR);
  });

  test.runIf(process.platform === 'linux')('the seconds of this machine go on while it is suspended', () => {
    const sinceStart = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    expect(Math.abs(machineClock.uptime() - sinceStart)).toBeLessThan(60);
  });

  test('[T5] a system clock that is minutes away from the signed time is told, because fresh certificates fail by it', () => {
    const { clock } = system(FLOOR + 10);
    const tested = createAgentClock(clock, { floor: FLOOR, vouched: true });
    tested.accept(unixSeconds(FLOOR + 200));
    expect(tested.fault()).toBeNull();
    tested.accept(unixSeconds(FLOOR + 1_000));
    expect(clockText(tested.fault())).toContain('system clock wrong');
  });

  test('[T6] the floor never goes back', () => {
    const tested = createAgentClock(system(FLOOR).clock, { floor: FLOOR, vouched: false });
    tested.accept(unixSeconds(FLOOR + 50));
    tested.accept(unixSeconds(FLOOR + 20));
    expect(tested.floor).toBe(FLOOR + 50);
    tested.accept(unixSeconds(FLOOR - 20));
    expect(tested.floor).toBe(FLOOR + 50);
  });
});

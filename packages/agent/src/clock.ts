// Which time it is, for a device whose clock may be at 1970 or 2099: the system's only as far as it can be believed, and after a
// signed answer the signed time and the seconds since. @see spec section 8
import { formatTime, MAX_CLOCK_AHEAD_SECONDS, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import type { Clock, ClockState } from './ports.ts';

/** The time to work with, and how far it can be believed. */
export interface ClockReading {
  readonly state: ClockState;
  readonly time: UnixSeconds;
}

export interface AgentClock {
  read(): ClockReading;
  /** A signed time was accepted: the time runs on from it, and the floor is at least there. */
  accept(time: UnixSeconds): void;
  readonly floor: UnixSeconds;
  monotonicSeconds(): number;
  /** Why other programs of this device fail, or null: the system's clock is far from the signed time, or outside of all reason. */
  systemClockFault(): string | null;
}

/** How far the system's clock may be from a signed time before the certificates that proxies make on the fly stop to be valid, in seconds. */
const TOLERATED_DIFFERENCE_SECONDS = 300;

/** A clock over the system's one; `vouched`: the configuration says that it is right. `floor`: the later of firmware build and last signed time. */
export function createAgentClock(clock: Clock, given: { floor: UnixSeconds; vouched: boolean }): AgentClock {
  const start = clock.monotonicSeconds();
  let floor = given.floor;
  let signed: { time: number; at: number } | null = null;
  const raise = (time: UnixSeconds): void => {
    if (time > floor) floor = time; // spec T6
  };
  const isPlausible = (time: number): boolean => time >= floor && time <= floor + MAX_CLOCK_AHEAD_SECONDS; // spec T4
  const state = (): ClockState => {
    if (!isPlausible(clock.now())) return 'floor'; // spec T4
    return given.vouched ? 'trusted' : 'untrusted';
  };
  const time = (): number => {
    const now = clock.monotonicSeconds();
    if (signed) return signed.time + now - signed.at; // spec T5
    return state() === 'floor' ? floor + now - start : clock.now(); // spec T4
  };
  return {
    read: () => ({ state: state(), time: unixSeconds(Math.floor(time())) }),
    accept(at) {
      raise(at);
      signed = { time: at, at: clock.monotonicSeconds() };
    },
    get floor() {
      return floor;
    },
    monotonicSeconds: () => clock.monotonicSeconds(),
    systemClockFault() {
      const [system, known] = [clock.now(), unixSeconds(Math.floor(time()))];
      const wrong = signed
        ? Math.abs(system - known) > TOLERATED_DIFFERENCE_SECONDS
        : !isPlausible(system + TOLERATED_DIFFERENCE_SECONDS);
      if (!wrong) return null;
      return `system clock wrong: other programs will fail (it says ${formatTime(system)}, and it is ${formatTime(known)} or later)`;
    },
  };
}

/** The clocks of this machine. */
export const machineClock: Clock = {
  now: () => unixSeconds(Math.max(0, Math.floor(Date.now() / 1000))),
  monotonicSeconds: () => Number(process.hrtime.bigint() / 1_000_000n) / 1000,
};

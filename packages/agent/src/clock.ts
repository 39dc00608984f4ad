// Which time it is, for a device whose clock may be at 1970 or 2099: the system's only as far as it can be believed, and after a
// signed answer the signed time and the seconds since. @see spec section 8
import { MAX_CLOCK_AHEAD_SECONDS, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import type { Clock, ClockReading, ClockState } from './ports.ts';
import type { ClockFault } from './result.ts';

export interface AgentClock {
  /** The time to work with, and how far it can be believed. */
  read(): ClockReading;
  /** A signed time was accepted: the time runs on from it, and the floor is at least there. */
  accept(time: UnixSeconds): void;
  readonly floor: UnixSeconds;
  monotonicSeconds(): number;
  /** Why other programs of this device fail, or null: the system's clock is far from the signed time, or outside of all reason. */
  systemClockFault(): ClockFault | null;
}

/**
 * How far the system's clock may be from a signed time before the certificates that proxies make on the fly stop to be valid, and how
 * far before the floor it is as good as at the floor, in seconds.
 */
const TOLERATED_DIFFERENCE_SECONDS = 300;

/** A clock over the system's one; `vouched`: the configuration says that it is right. `floor`: the later of firmware build and last signed time. */
export function createAgentClock(clock: Clock, given: { floor: UnixSeconds; vouched: boolean }): AgentClock {
  const start = clock.monotonicSeconds();
  let { floor } = given;
  let signed: { time: number; at: number } | null = null;
  const system = (): number => {
    const now = clock.now();
    return floor - now < TOLERATED_DIFFERENCE_SECONDS ? Math.max(now, floor) : now; // spec T4
  };
  const state = (): ClockState => {
    const now = system();
    if (now < floor || now > floor + MAX_CLOCK_AHEAD_SECONDS) return 'floor'; // spec T4
    return given.vouched ? 'trusted' : 'untrusted';
  };
  const time = (): UnixSeconds => {
    const now = clock.monotonicSeconds();
    if (signed) return unixSeconds(Math.floor(signed.time + now - signed.at)); // spec T5
    return unixSeconds(Math.floor(state() === 'floor' ? floor + now - start : system())); // spec T4
  };
  return {
    read: () => ({ state: state(), time: time() }),
    accept(at) {
      if (at > floor) floor = at; // spec T6
      signed = { time: at, at: clock.monotonicSeconds() };
    },
    get floor() {
      return floor;
    },
    monotonicSeconds: () => clock.monotonicSeconds(),
    systemClockFault() {
      const [now, known] = [clock.now(), time()];
      const isWrong = signed ? Math.abs(now - known) > TOLERATED_DIFFERENCE_SECONDS : state() === 'floor';
      return isWrong ? { system: now, known } : null;
    },
  };
}

/** The clocks of this machine. */
export const machineClock: Clock = {
  now: () => unixSeconds(Math.max(0, Math.floor(Date.now() / 1000))),
  monotonicSeconds: () => performance.now() / 1000,
};

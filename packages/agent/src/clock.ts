// Which time it is, for a device whose clock may be at 1970 or 2099: the system's only as far as it can be believed, and after a
// signed answer the signed time and the seconds since. @see spec section 8

import { uptime } from 'node:os';
import {
  MAX_CLOCK_AHEAD_SECONDS,
  MAX_CLOCK_DIFFERENCE_SECONDS,
  type UnixSeconds,
  unixSeconds,
} from '@windlass/protocol';
import type { Clock, ClockReading, ClockState } from './ports.ts';
import type { ClockFault } from './result.ts';

export interface AgentClock {
  /** The time to work with, and how far it can be believed. */
  read(): ClockReading;
  /** A signed time was accepted: the time runs on from it, and the floor is at least there. */
  accept(time: UnixSeconds): void;
  readonly floor: UnixSeconds;
  /** The last signed time and the seconds since, over restarts where they were kept. @see spec T7 */
  kept(): UnixSeconds;
  uptime(): number;
  /** From where the time runs on; set by a process that goes on where another one of this machine ended. */
  start: { readonly time: number; readonly at: number; readonly isSigned: boolean };
  /** Why other programs of this device fail, or null: the system's clock is far from the signed time, behind what was signed and kept, or outside of all reason. */
  fault(): ClockFault | null;
}

/** How far the system's clock may be from a signed time before the certificates that proxies make on the fly stop to be valid, in seconds. */
const TOLERATED_DIFFERENCE_SECONDS = 300;

/**
 * A clock over the system's one; `vouched`: the configuration says that it is right. `floor`: the later of firmware build and last signed
 * time; `kept`: what an earlier run came to, never before the floor.
 */
export function createAgentClock(
  { now, uptime }: Clock,
  { vouched, ...given }: { readonly floor: UnixSeconds; readonly vouched: boolean; readonly kept?: UnixSeconds },
): AgentClock {
  let { floor } = given;
  /** From this time on the monotonic seconds are counted where the system's clock is not believed. */
  let start: AgentClock['start'] = { time: Math.max(floor, given.kept ?? 0), at: uptime(), isSigned: false }; // spec T7
  const running = (): UnixSeconds => unixSeconds(Math.floor(start.time + uptime() - start.at)); // spec T5
  const state = (): ClockState => {
    const time = now();
    if (time < floor - MAX_CLOCK_DIFFERENCE_SECONDS || time > floor + MAX_CLOCK_AHEAD_SECONDS) return 'floor'; // spec T4
    return vouched ? 'trusted' : 'untrusted';
  };
  const time = (): UnixSeconds => {
    if (state() === 'trusted') return now(); // spec T5
    return start.isSigned || state() === 'floor' ? running() : unixSeconds(Math.max(now(), running())); // spec T4, T7
  };
  return {
    read: () => ({ state: state(), time: time() }),
    accept(at) {
      if (at > floor) floor = at; // spec T6
      start = { time: at, at: uptime(), isSigned: true }; // spec T5
    },
    get floor() {
      return floor;
    },
    get start() {
      return start;
    },
    set start(other) {
      start = other;
    },
    kept: running,
    uptime,
    fault() {
      const fault = { system: now(), known: running() };
      const isBehind = fault.system < fault.known - TOLERATED_DIFFERENCE_SECONDS;
      const isAhead = fault.system > fault.known + TOLERATED_DIFFERENCE_SECONDS;
      // Without a signed time it may be any time later than what was kept.
      return isBehind || (start.isSigned ? isAhead : state() === 'floor') ? fault : null;
    },
  };
}

/** The clocks of this machine. */
export const machineClock: Clock = {
  now: () => unixSeconds(Math.max(0, Math.floor(Date.now() / 1000))),
  uptime, // counts while the machine is suspended, which the monotonic clock does not
};

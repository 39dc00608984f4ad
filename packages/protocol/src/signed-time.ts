// The time that a responder signed, in a decision or an acknowledgement, before a device takes it for its own. @see spec T2 to T4
import type { Clock } from './bootstrap.ts';
import { check } from './errors.ts';
import type { UnixSeconds } from './forms.ts';
import { MAX_CLOCK_AHEAD_SECONDS, MAX_CLOCK_DIFFERENCE_SECONDS } from './limits.ts';
import { isWithin } from './schema.ts';

/** What a device knows of the time: the last signed one (or its firmware's build), and its clock, as the system has it. */
export interface KnownTime {
  readonly floor: UnixSeconds;
  readonly clock: Clock;
}

/** `time` may be taken. @throws ProtocolError `time-before-floor`, `clock-mismatch` */
export function checkSignedTime(time: UnixSeconds, { floor, clock }: KnownTime): void {
  check(time >= floor, 'time-before-floor'); // spec T2
  const difference = isTrusted(clock, floor) ? Math.abs(time - clock.time) : 0;
  check(difference <= MAX_CLOCK_DIFFERENCE_SECONDS, 'clock-mismatch'); // spec T3
}

/** Whatever the configuration says, a clock far from the floor is not trusted. */
function isTrusted(clock: Clock, floor: UnixSeconds): boolean {
  if (!isWithin(clock.time, floor + MAX_CLOCK_AHEAD_SECONDS, floor - MAX_CLOCK_DIFFERENCE_SECONDS)) return false; // spec T4
  return clock.state === 'trusted';
}

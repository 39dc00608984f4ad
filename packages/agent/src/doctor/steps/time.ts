// Is the system's clock right: as far as it can be told without a signed answer, and by one.

import { broken, type Finding, fine, type Step } from '../finding.ts';
import type { Answered } from '../ports.ts';
import { durationText, formatTime } from '../time-text.ts';

/** How far the clock may be off before certificates that proxies make on the fly stop to be valid, in seconds. */
export const TOLERATED_DIFFERENCE_SECONDS = 300;

export const time: Step = {
  name: 'time',
  prevented: () => null,
  look({ clock: { system, floor, isOutside } }) {
    const isBehind = system < floor - TOLERATED_DIFFERENCE_SECONDS;
    const says = `the clock says ${formatTime(system)}`;
    if (isBehind)
      return { findings: [broken('time', 'clock-wrong', `${says}, and it is ${formatTime(floor)} or later`)] };
    if (isOutside)
      return { findings: [broken('time', 'clock-wrong', `${says}, more than ten years after what was signed last`)] };
    return { findings: [fine('time', `${says}, which is possible; a signed answer tells more`)] };
  },
};

/** What a signed time says of the clock. */
export function signedTime({ time: signed, system }: Answered): Finding {
  const off = system - signed;
  const by = `${durationText(Math.abs(off))} ${off < 0 ? 'behind' : 'ahead of'} the signed time ${formatTime(signed)}`;
  return Math.abs(off) > TOLERATED_DIFFERENCE_SECONDS
    ? broken('time', 'clock-wrong', `the clock is ${by}`)
    : fine('time', `the clock is right: ${by}`);
}

// Times for people, as on the wire. (The protocol's own is not in this file beside the core.)
import type { UnixSeconds } from '@windlass/protocol';

/** RFC 3339, UTC, whole seconds. */
export function formatTime(time: UnixSeconds): string {
  return new Date(time * 1000).toISOString().replace('.000', '');
}

/** In the largest unit of which there are at least two. */
export function durationText(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds >= 2 * each) ?? [1, 'seconds'];
  return `${Math.floor(seconds / size)} ${unit}`;
}

const UNITS = [
  [86_400, 'days'],
  [3_600, 'hours'],
  [60, 'minutes'],
] as const;

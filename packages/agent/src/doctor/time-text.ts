// Times for people, as on the wire. (The protocol's own is not in this file beside the core.)
import type { UnixSeconds } from '@windlass/protocol';

/** RFC 3339, UTC, whole seconds. */
export function formatTime(time: UnixSeconds): string {
  return new Date(time * 1000).toISOString().replace('.000', '');
}

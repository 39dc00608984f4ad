// The version that the agent names in what it signs, and when it was released: no right clock is before that.
import { unixSeconds } from '@windlass/protocol';

export const AGENT_VERSION = '0.1.0';

/** 2026-11-01T00:00:00Z: the floor of a device whose configuration names no firmware build. @see spec T2 */
export const AGENT_RELEASED = unixSeconds(1_793_491_200);

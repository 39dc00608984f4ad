// Memory that the system gave the process: what a run takes at most, and what it leaves.

import { setTimeout } from 'node:timers/promises';

/** Bytes. */
export interface Resident {
  readonly before: number;
  /** During the work. */
  readonly most: number;
  readonly after: number;
}

/** Bytes that a run may leave behind: code, and fragments that malloc keeps. */
export const MAX_RESIDENT_GROWTH = 192 << 20;
/** Milliseconds between two looks. */
const LOOK_MS = 500;
/** V8 keeps the pages of a thread that has ended for the next one, for about ten seconds: longer than that is a leak. */
const GIVING_BACK_MS = 20_000;

/** What the work gives, and the memory around it; waits for what is given back late, where the growth is too much. */
export async function residentDuring<T>(work: () => Promise<T>): Promise<readonly [T, Resident]> {
  const { rss } = process.memoryUsage;
  const before = rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, rss());
  }, LOOK_MS);
  const result = await work().finally(() => clearInterval(timer));
  const end = performance.now() + GIVING_BACK_MS;
  while (rss() - before > MAX_RESIDENT_GROWTH && performance.now() < end) await setTimeout(LOOK_MS);
  return [result, { before, most, after: rss() }];
}

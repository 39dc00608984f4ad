// How often an address may come with a wrong token before it has to wait, so that tokens cannot be tried out and the audit
// cannot be flooded.
import type { UnixSeconds } from '@windlass/protocol';
import { clientOf } from '../client-address.ts';

/** Failures of one address within the window after which it is not listened to any more. */
export const MAX_FAILED_TOKENS = 10;
const WINDOW_SECONDS = 60;
const MAX_ADDRESSES = 10_000;

/** Counts failures per address. */
export interface FailedTokens {
  /** Whether this address has to wait. */
  blocked(address: string, now: UnixSeconds): boolean;
  /** One more failure; true when it is the one after which the address has to wait. */
  failed(address: string, now: UnixSeconds): boolean;
}

/** A counter without failures; it forgets the oldest addresses rather than growing. */
export function countFailedTokens(): FailedTokens {
  const failures = new Map<string, { count: number; since: number }>();
  const current = (client: string, now: number) => {
    const found = failures.get(client);
    return found !== undefined && now - found.since < WINDOW_SECONDS && now >= found.since ? found : undefined;
  };
  return {
    blocked: (address, now) => (current(clientOf(address), now)?.count ?? 0) >= MAX_FAILED_TOKENS,
    failed(address, now) {
      const client = clientOf(address);
      const { count, since } = current(client, now) ?? { count: 0, since: now };
      failures.delete(client);
      failures.set(client, { count: count + 1, since });
      const [oldest] = failures.keys();
      if (failures.size > MAX_ADDRESSES && oldest !== undefined) failures.delete(oldest);
      return count + 1 === MAX_FAILED_TOKENS;
    },
  };
}

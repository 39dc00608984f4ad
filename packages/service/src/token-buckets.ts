// How much one client address may ask of the device listener: a token bucket each, for as many addresses as fit in a bound.
import { clientOf } from './client-address.ts';

/** The rate and the bounds. */
export interface TokenBucketOptions {
  /** Tokens that an address gets per second. */
  readonly perSecond: number;
  /** Tokens that an address can save up. */
  readonly burst: number;
  /** Addresses that are remembered; the one that was quiet longest is forgotten first. */
  readonly maxAddresses: number;
}

/** The buckets of all addresses. */
export interface TokenBuckets {
  /** A token of the address is taken: 0. Or it has none: the seconds until it has. `now` is in milliseconds, monotonic. */
  take(address: string, now: number): number;
}

interface Bucket {
  tokens: number;
  filled: number;
}

/** Full buckets for everybody. */
export function createTokenBuckets({ perSecond, burst, maxAddresses }: TokenBucketOptions): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  return {
    take: (address, now) => {
      const client = clientOf(address);
      const { tokens, filled } = buckets.get(client) ?? { tokens: burst, filled: now };
      const available = Math.min(burst, tokens + (Math.max(now - filled, 0) / 1_000) * perSecond);
      const taken = available >= 1;
      // Taken out and put in again: the map's order is the order of last use.
      buckets.delete(client);
      buckets.set(client, { tokens: taken ? available - 1 : available, filled: now });
      const [quietest] = buckets.keys();
      if (buckets.size > maxAddresses && quietest !== undefined) buckets.delete(quietest);
      return taken ? 0 : Math.ceil((1 - available) / perSecond);
    },
  };
}

// How often a client may come with a wrong token, or fail to log in, before it has to wait: so that secrets cannot be tried out, and the audit
// cannot be flooded. Counted in the database, so that all instances of the service count together and a restart forgets nothing.
import { clientOf } from './client-address.ts';
import type { Management } from './management.ts';
import type { FailedAttempts } from './store/management-ports-people.ts';

/** Failures of one client within the window after which it is not listened to any more. */
export const MAX_FAILED_ATTEMPTS = 10;
const WINDOW_SECONDS = 60;
/** Of so many clients failures are known: more are no person's. */
export const MAX_FAILED_CLIENTS = 10_000;

/** Whether the client of this address has to wait. Nothing is written: a flood costs the database little. @throws StoreError */
export async function hasToWait({ store, now }: CountingInstance, address: string): Promise<boolean> {
  return isFull(await store.tables.failedAttempts.find(clientOf(address)), now());
}

/**
 * One more failure of the client of this address is counted. false: it came to its limit meanwhile, and has to wait. To be asked for after
 * what proves a right was looked at: who has a right token does not wait for others of the same address.
 * @throws StoreError: it could not be counted, and is to be refused
 */
export async function countFailure({ store, now }: CountingInstance, address: string): Promise<boolean> {
  const client = clientOf(address);
  const time = now();
  return store.transaction(async ({ failedAttempts }) => {
    const found = await failedAttempts.find(client);
    if (isFull(found, time)) return false;
    const { since, count } = isCurrent(found, time) ? found : { since: time, count: 0 };
    await failedAttempts.put({ client, since, count: count + 1 });
    const window = { after: time - WINDOW_SECONDS, before: time + WINDOW_SECONDS };
    if (count === 0) await failedAttempts.keep({ ...window, most: MAX_FAILED_CLIENTS });
    return true;
  });
}

/** What counting takes of an instance of the service. */
export type CountingInstance = Pick<Management, 'now'> & {
  readonly store: Pick<Management['store'], 'tables' | 'transaction'>;
};

/** Clocks of two machines differ a little; one that was set back by more keeps nobody waiting. */
function isCurrent(found: FailedAttempts | null, now: number): found is FailedAttempts {
  return found !== null && Math.abs(now - found.since) < WINDOW_SECONDS;
}

function isFull(found: FailedAttempts | null, now: number): boolean {
  return isCurrent(found, now) && found.count >= MAX_FAILED_ATTEMPTS;
}

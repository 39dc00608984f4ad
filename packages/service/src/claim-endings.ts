// Claims that end soon are signed anew, so that no device is refused because nobody did. A claim ends with the claim authority that signed
// it at the latest: it is due as soon as another one would let it last longer.
import { formatTime, type UnixSeconds } from '@windlass/protocol';
import { timeOf } from './certificates.ts';
import { authorityNow, BATCH_CLAIMS, currentOwners, othersFirst, renewBatch } from './claim-signing.ts';
import { claimEnd } from './claims.ts';
import type { Management } from './management.ts';
import type { ClaimFilter, ClaimRow } from './store/management-ports.ts';

/** How long before its end a claim is signed anew, in seconds. */
export const RENEW_CLAIM_SECONDS = 90 * 86_400;
/** How much longer a new one has to last: else each look would sign them all again. */
const LEAST_GAIN_SECONDS = 7 * 86_400;

/** Every claim that ends within 90 days, and could last longer, is signed anew. Returns how many were. It may stop anywhere. @throws StoreError */
export async function renewEndingClaims(management: Management, isEnded: () => boolean = () => false): Promise<number> {
  const { claims } = management.store.tables;
  const authority = await authorityNow(management);
  const from = management.now();
  if (authority === null) return 0;
  const latest = claimEnd(authority, from) - LEAST_GAIN_SECONDS;
  const ending = { from, before: timeOf(Math.min(from + RENEW_CLAIM_SECONDS, latest)) };
  let renewed = 0;
  let page: readonly ClaimRow[] = [];
  do {
    if (isEnded()) break;
    page = await claims.page(page.at(-1) ?? null, BATCH_CLAIMS, { ending });
    if (page.length === 0) break;
    const ownerOf = await currentOwners(management.store.tables);
    renewed += await renewBatch(management, { due: page, authority, reason: 'ends-soon', ownerOf });
    await othersFirst();
  } while (page.length === BATCH_CLAIMS);
  return renewed;
}

/** Claims that end before that time although those that can be signed anew have been. */
export interface EndingClaims {
  readonly count: number;
  readonly ends: UnixSeconds;
}

/** Those of one organization or of all, or null when there are none. At most so many are counted. */
export async function endingClaims(
  management: Management,
  which: Pick<ClaimFilter, 'organization'>,
  before: UnixSeconds,
): Promise<EndingClaims | null> {
  const filter = { ...which, ending: { from: management.now(), before } };
  const found = await management.store.tables.claims.page(null, MAX_COUNTED, filter);
  if (found.length === 0) return null;
  return { count: found.length, ends: timeOf(Math.min(...found.map(({ expires }) => expires))) };
}

/** No more claims are counted: what is said of them is for people. */
export const MAX_COUNTED = 1_000;

/** `1000 or more`, where the counting ended. */
export function countedText(count: number): string {
  return count === MAX_COUNTED ? `${count} or more` : String(count);
}

/** `1000 or more claim(s) end from 2027-01-01T00:00:00Z on`. */
export function countText({ count, ends }: EndingClaims): string {
  return `${countedText(count)} claim(s) end from ${formatTime(ends)} on`;
}

// Claims that a revoked claim authority signed are signed anew: devices are not given the list that refuses the old ones before. In
// batches, which may stop anywhere: what is left is found again. @see spec S14
import type { RevocationList } from '@windlass/protocol';
import { authorityNow, BATCH_CLAIMS, currentOwners, othersFirst, renewBatch } from './claim-signing.ts';
import type { Management } from './management.ts';
import { repeat, type WorkLog } from './repeat.ts';
import { signersOf } from './signer/revocations.ts';
import type { ClaimRow } from './store/management-ports.ts';

/** What came of looking through all claims. */
export interface RenewedClaims {
  readonly renewed: number;
  /** Still by a revoked authority: there is no other, or the work was ended. */
  readonly left: number;
}

const RENEW_MILLISECONDS = 60_000;

/**
 * No current claim that still holds is by a revoked claim authority, if there is another one now; `management.renewal` has how many are
 * left. Where nothing can have changed nothing is looked through.
 * @throws SignerError: nobody knows who is revoked; StoreError
 */
export async function renewClaims(
  management: Management,
  isEnded: () => boolean = () => false,
): Promise<RenewedClaims> {
  const { store, revocations, renewal } = management;
  const lists = revocations.lists();
  const isKnown = lists === renewal.lists;
  if (isKnown && renewal.left === 0) return { renewed: 0, left: 0 };
  const authority = await authorityNow(management);
  if (isKnown && authority === null) return { renewed: 0, left: renewal.left };
  const done = { renewed: 0, left: 0 };
  const serials = serialsOn(lists);
  let page: readonly ClaimRow[] = [];
  // Without anybody on a list there is nobody to look for.
  let isLast = serials.length === 0;
  while (!isLast) {
    if (isEnded()) return { ...done, left: renewal.left };
    page = await store.tables.claims.page(page.at(-1) ?? null, BATCH_CLAIMS);
    const due = await dueOf(page, management, serials);
    renewal.left = Math.max(renewal.left, done.left + due.length);
    const ownerOf = await currentOwners(store.tables);
    const batch = { due, reason: 'claim-authority-revoked', ownerOf } as const;
    const renewed = authority === null || due.length === 0 ? 0 : await renewBatch(management, { ...batch, authority });
    done.renewed += renewed;
    done.left += due.length - renewed;
    isLast = page.length < BATCH_CLAIMS;
    await othersFirst();
  }
  Object.assign(renewal, { lists, left: done.left });
  return done;
}

function serialsOn(lists: readonly RevocationList[]): readonly Buffer[] {
  return lists.flatMap(({ crl }) => [...crl.revoked.keys()].map((serial) => Buffer.from(serial, 'hex')));
}

/** Of a page, the claims by a revoked authority. One that ended is given to nobody, and does not come back. */
async function dueOf(
  page: readonly ClaimRow[],
  { revocations, now }: Management,
  serials: readonly Buffer[],
): Promise<readonly ClaimRow[]> {
  const due: ClaimRow[] = [];
  for (const row of page) {
    // To open an envelope takes a hundred times as long as to see that none of the serial numbers is anywhere in it.
    const signature = Buffer.from(row.envelope.signature, 'base64');
    if (row.expires < now() || !serials.some((serial) => signature.includes(serial))) continue;
    if (revocations.names(signersOf(row.envelope, 'claim-authority'))) due.push(row); // spec S14
    await othersFirst();
  }
  return due;
}

/** Claims are signed anew now, and within a minute after a list or a claim authority came. Returns how to stop. */
export function keepRenewingClaims(management: Management, log: WorkLog): () => Promise<void> {
  const work = async (isEnded: () => boolean) => {
    const { renewed, left } = await renewClaims(management, isEnded);
    if (renewed > 0) log.info({ renewed, left }, 'claims of a revoked claim authority were signed anew');
  };
  const failed = 'claims of a revoked claim authority could not be signed anew';
  return repeat(work, { everyMilliseconds: RENEW_MILLISECONDS, log, failed }).stop;
}

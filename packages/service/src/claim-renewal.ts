// Claims that a revoked claim authority signed are signed anew, with the same content, as a new generation: devices are not given the list
// that refuses the old ones before. In batches, which may stop anywhere: what is left is found again. @see spec S14
import { digestOf, encodeClaim, parseClaim, type RevocationList } from '@windlass/protocol';
import { fingerprintOf } from './certificates.ts';
import { claimEnd } from './claims.ts';
import { type Actor, type Management, perform } from './management.ts';
import { type Signer, SignerError, signEnvelope } from './signer/ports.ts';
import { signersOf } from './signer/revocations.ts';
import type { ClaimRow } from './store/management-ports.ts';

/** What came of looking through all claims. */
export interface RenewedClaims {
  readonly renewed: number;
  /** Still by a revoked authority: there is no other, or the work was ended. */
  readonly left: number;
}

/** Claims that are looked through at once, and signed in one transaction. */
const BATCH_CLAIMS = 200;
const RENEW_MILLISECONDS = 60_000;
const SYSTEM: Actor = { name: 'system', role: 'none', organization: null, address: 'local' };

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
  const authority = await otherAuthority(management);
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
    const renewed = authority === null || due.length === 0 ? 0 : await renewBatch(management, due, authority);
    done.renewed += renewed;
    done.left += due.length - renewed;
    isLast = page.length < BATCH_CLAIMS;
    await othersFirst();
  }
  Object.assign(renewal, { lists, left: done.left });
  return done;
}

/** null: there is none that may sign, and health says so. */
async function otherAuthority(management: Management): Promise<Signer | null> {
  try {
    return await management.keys.claimAuthority(management.now());
  } catch (cause) {
    if (cause instanceof SignerError) return null;
    throw cause;
  }
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

/** How many; one that was replaced since it was read is left as it is. */
async function renewBatch(management: Management, due: readonly ClaimRow[], authority: Signer): Promise<number> {
  const signed: ClaimRow[] = [];
  for (const before of due) {
    signed.push(await signAnew(management, before, authority));
    await othersFirst();
  }
  return perform(management, SYSTEM, 'claim.renew', async ({ claims }) => {
    let count = 0;
    for (const row of signed) {
      const current = await claims.current(row.manufacturer, row.serial);
      if (current?.generation !== row.generation - 1) continue;
      await claims.add(row);
      count += 1;
    }
    const [leaf] = authority.chain;
    const range = { first: due[0]?.serial, last: due.at(-1)?.serial };
    const claimAuthority = leaf && fingerprintOf(leaf.der);
    const detail = { reason: 'claim-authority-revoked', count, ...range, claimAuthority };
    return { result: count, organization: null, object: `${count} claim(s)`, detail };
  });
}

/** The same owner, ownership, network, epoch, publishers and key. @see spec S12 */
async function signAnew({ service, now }: Management, before: ClaimRow, authority: Signer): Promise<ClaimRow> {
  const generation = before.generation + 1;
  const expires = claimEnd(authority, now());
  const payload = encodeClaim({ ...parseClaim(before.envelope.payload, service), generation, expires });
  const envelope = await signEnvelope(authority, payload);
  return { ...before, generation, expires, digest: digestOf(payload), envelope };
}

/** Whoever waits for an answer of this process gets it before this goes on. */
function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Where it is told what was done. */
interface RenewalLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

/** Claims are signed anew now, and within a minute after a list or a claim authority came. Returns how to stop. */
export function keepRenewingClaims(management: Management, log: RenewalLog): () => Promise<void> {
  let isEnded = false;
  let running: Promise<void> | null = null;
  const attempt = async () => {
    try {
      const { renewed, left } = await renewClaims(management, () => isEnded);
      if (renewed > 0) log.info({ renewed, left }, 'claims of a revoked claim authority were signed anew');
    } catch (cause) {
      log.warn({ err: cause }, 'claims of a revoked claim authority could not be signed anew');
    }
  };
  const start = () => {
    running ??= attempt().finally(() => {
      running = null;
    });
  };
  start();
  const timer = setInterval(start, RENEW_MILLISECONDS);
  timer.unref();
  return async () => {
    isEnded = true;
    clearInterval(timer);
    await running;
  };
}

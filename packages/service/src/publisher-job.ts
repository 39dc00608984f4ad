// The job that follows a change of publishers: every current claim of the organization names the publishers of now. In batches, which may
// stop anywhere: what is left is found again.
import { authorityNow, BATCH_CLAIMS, currentOwners, namesOthers, othersFirst, renewBatch } from './claim-signing.ts';
import { type JobOutcome, keepProgress, stopped, waiting } from './job-progress.ts';
import type { Management } from './management.ts';
import type { ClaimRow } from './store/management-ports.ts';
import type { StoredJob } from './store/management-ports-publishers.ts';
import { hasUnproved } from './unproved-claims.ts';

/** What came of it. @throws StoreError */
export async function renamePublishers(
  management: Management,
  job: StoredJob,
  isEnded: () => boolean,
): Promise<JobOutcome> {
  const { tables } = management.store;
  const authority = await authorityNow(management);
  if (authority === null) return waiting('There is no claim authority that may sign: install one.');
  const { note } = job;
  // Who waits for people looks each minute: not at every claim each time.
  if (note?.endsWith(PROOFS) && (await hasUnproved(management, job.organization))) return waiting(note);
  let [seen, signed, unsigned] = [0, 0, 0];
  let page: readonly ClaimRow[] = [];
  do {
    if (isEnded()) return stopped;
    page = await tables.claims.page(page.at(-1) ?? null, BATCH_CLAIMS, { organization: job.organization });
    const ownerOf = await currentOwners(tables);
    const holds = page.filter(({ expires }) => expires >= management.now());
    const others = holds.filter((row) => namesOthers(management.service, row, ownerOf(row)));
    const batch = { due: others, authority, reason: 'publishers-changed', ownerOf, job } as const;
    const renewed = await renewBatch(management, batch);
    signed += renewed;
    seen += page.length;
    unsigned += others.length - renewed;
    await keepProgress(management, job, { done: seen, total: Math.max(job.total, seen) });
    await othersFirst();
  } while (page.length === BATCH_CLAIMS);
  // What was claimed or changed hands meanwhile is found by looking once more.
  if (signed > 0) return renamePublishers(management, job, isEnded);
  // Who signed under the new publisher would leave those devices behind.
  if (unsigned > 0) return waiting(`${unsigned} ${PROOFS}`); // spec S30
  await management.store.transaction(async ({ publishers, jobs }) => {
    // What was added since is named when the job that came with it is done.
    const later = (await jobs.open(job.organization)).some(({ kind, id }) => kind === 'publishers' && id > job.id);
    if (!later) await publishers.named(job.organization, job.epoch, management.now());
  });
  return { kind: 'done', total: seen, note: null };
}

const PROOFS =
  'device(s) need a label proof for the publishers of now: "windlass claim unproved" names them, and somebody with their labels runs "windlass claim prove". Until then nothing is signed under a new publisher.';

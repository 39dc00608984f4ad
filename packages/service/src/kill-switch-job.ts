// The job of the kill switch. Claims and profiles of the next epoch are signed and staged, where no device gets them; when all are there
// they become the current ones in one transaction. It may be killed anywhere: what is staged is found again. @see spec S12, S16, D14, D15
import { appendAudit } from './audit.ts';
import { countedText } from './claim-endings.ts';
import { authorityNow, BATCH_CLAIMS, canSignAnew, type Owner, othersFirst, stageBatch } from './claim-signing.ts';
import { isApproved, standsIn } from './inspection-ca-approval.ts';
import { findOpen, type JobOutcome, keepProgress, stopped, waiting } from './job-progress.ts';
import { type Management, SYSTEM } from './management.ts';
import { findOrganization } from './organizations.ts';
import { auditOf, changeOf, endOf, networkName, refuseTooLarge, signProfile } from './profile-content.ts';
import { changesBetween, remainderOf } from './profile-draft.ts';
import { anchorsAt, publishingOf, usableHosted } from './publishing.ts';
import type { ClaimRow, ManagementTables, NetworkKey, ProfileRow } from './store/management-ports.ts';
import type { PublisherAnchor, StoredJob } from './store/management-ports-publishers.ts';
import { countUnproved } from './unproved-claims.ts';

/** What came of it. @throws Refusal, SignerError: what the job waits for; StoreError */
export async function runKillSwitch(
  management: Management,
  job: StoredJob,
  isEnded: () => boolean,
): Promise<JobOutcome> {
  const counted = await stageClaims(management, job, isEnded);
  if (counted === null) return isEnded() ? stopped : waiting('There is no claim authority that may sign: install one.');
  const unsigned = await stageProfiles(management, job, counted);
  if (unsigned.length > 0) return waiting(waitingFor(job, unsigned, await unprovedText(management, job)));
  const begun = await begin(management, job);
  if (begun !== null) return begun;
  // Something was claimed or changed hands meanwhile.
  return isEnded() ? stopped : runKillSwitch(management, job, isEnded);
}

/** Proofs are taken while the job waits, so that those devices are not left behind. */
async function unprovedText(management: Management, { organization }: StoredJob): Promise<string> {
  const unproved = await countUnproved(management, organization);
  return unproved === null
    ? ''
    : ` ${countedText(unproved.count)} device(s) need a label proof besides: see "windlass claim unproved".`;
}

function waitingFor({ organization, epoch }: StoredJob, networks: readonly NetworkKey[], unproved: string): string {
  const names = networks.map(({ network }) => network).join(', ');
  return `${organization} signs its profiles itself: write, sign and submit those of epoch ${epoch} for ${names} ("windlass profile draft"). Until then devices get what they got before.${unproved}`;
}

/** Every claim that can be has a successor of the epoch. Returns how many; null: the work was ended, or nobody may sign. */
async function stageClaims(management: Management, job: StoredJob, isEnded: () => boolean): Promise<number | null> {
  const { tables } = management.store;
  const authority = await authorityNow(management);
  if (authority === null) return null;
  const owner = await nextOwner(tables, job);
  const { organization } = job;
  let after: ClaimRow | null = null;
  for (;;) {
    if (isEnded()) return null;
    const page: readonly ClaimRow[] = await tables.nextEpoch.unstaged({
      organization,
      now: management.now(),
      after,
      limit: BATCH_CLAIMS,
    });
    await stageBatch(management, { due: page, authority, reason: 'epoch-raised', ownerOf: () => owner, job });
    const staged = await tables.nextEpoch.claimCount(organization);
    await keepProgress(management, job, { done: staged, total: Math.max(job.total, staged) });
    after = page.at(-1) ?? null;
    if (page.length < BATCH_CLAIMS) return staged;
    await othersFirst();
  }
}

/** What claims of the epoch say of the organization. */
async function nextOwner(tables: ManagementTables, { organization, epoch }: StoredJob): Promise<Owner> {
  const anchors = anchorsAt(epoch, await tables.publishers.of(organization));
  return { epoch, publishers: anchors.map(({ anchor }) => anchor) };
}

/** Every network that has a profile has one of the epoch, where the service may sign it. Returns those that it may not. */
async function stageProfiles(management: Management, job: StoredJob, claims: number): Promise<readonly NetworkKey[]> {
  const { tables } = management.store;
  const hosted = usableHosted(await publishingOf(tables, job.organization));
  await management.store.transaction((inside) => dropFallen(management, inside, job));
  const before = await tables.nextEpoch.profilesOf(job.organization);
  const networks = await tables.profiles.currentSequences(job.organization);
  const unsigned: NetworkKey[] = [];
  for (const [index, network] of networks.entries()) {
    const staged = before.some((row) => follows(row, network, job));
    if (!staged && hosted === undefined) unsigned.push(network);
    if (!staged && hosted !== undefined) await stageProfile(management, job, network, hosted);
    const done = claims + index + 1 - unsigned.length;
    await keepProgress(management, job, { done, total: claims + networks.length });
  }
  return unsigned;
}

/**
 * Nothing is staged that has a CA that no approver stands behind any more. Where the network was published it is staged anew; what would be
 * its first profile is gone until it is submitted again.
 */
async function dropFallen({ now }: Management, tables: ManagementTables, job: StoredJob): Promise<void> {
  const { id, organization } = job;
  for (const row of await tables.nextEpoch.profilesOf(organization)) {
    const stands = standsIn(await tables.inspectionCas.of(row));
    if (row.inspectionCas.every(stands)) continue;
    await tables.nextEpoch.dropProfile(row); // spec S24
    const event = { time: now(), actor: SYSTEM, act: 'profile.unstage', outcome: 'done', organization } as const;
    const change = { before: changeOf(null, row).after, after: null };
    await appendAudit(tables.audit, { ...event, object: networkName(row), detail: { job: id }, change });
  }
}

function follows(row: ProfileRow, { network, sequence }: NetworkKey & { sequence: number }, { epoch }: StoredJob) {
  return row.network === network && row.epoch === epoch && row.sequence === sequence + 1;
}

async function stageProfile(
  management: Management,
  job: StoredJob,
  { organization, network, sequence }: NetworkKey & { readonly sequence: number },
  anchor: PublisherAnchor,
): Promise<void> {
  const key = { organization, network };
  const issued = management.now();
  const signer = await management.keys.publisher(anchor, issued);
  await management.store.transaction(async (tables) => {
    // Another instance may have been faster, with this network or with the whole epoch.
    const staged = await tables.nextEpoch.profilesOf(organization);
    if ((await findOpen(tables, job)) === null) return;
    if (staged.some((row) => follows(row, { ...key, sequence }, job))) return;
    const [last] = await tables.profiles.of(key, 1);
    if (last === undefined) throw new Error(`Network ${network} was published, and has no profile.`);
    // Whoever agreed to the kill switch agreed to what it takes out, and to nothing that comes in.
    const draft = await remainderOf(management, tables, last, issued);
    const changes = [`epoch ${job.epoch}`, ...changesBetween(last, draft, issued)];
    const numbers = { ...key, epoch: job.epoch, sequence: sequence + 1, issued };
    const row = await signProfile(management.service, signer, draft, numbers, { changes, reason: job.reason });
    await refuseTooLarge(tables, row);
    await tables.nextEpoch.putProfile(row);
    await tables.publishers.renew(anchor, endOf(signer));
    const event = { time: issued, actor: SYSTEM, act: 'profile.stage', outcome: 'done', organization } as const;
    const told = { object: networkName(key), detail: { job: job.id, ...auditOf(row) }, change: changeOf(last, row) };
    await appendAudit(tables.audit, { ...event, ...told });
  });
}

/** The epoch begins, if everything is staged in this very moment; null: something is not. */
async function begin(management: Management, job: StoredJob): Promise<JobOutcome | null> {
  const { organization, epoch } = job;
  const now = management.now();
  return management.store.transaction(async (tables) => {
    const open = await tables.jobs.find(job.id);
    if (open === null || open.state === 'done')
      return { kind: 'done', total: open?.total ?? 0, note: open?.note ?? null };
    const left = await unstagedClaims(management, tables, job);
    await dropFallen(management, tables, job);
    const staged = await tables.nextEpoch.profilesOf(organization);
    const networks = await tables.profiles.currentSequences(organization);
    const isWhole = networks.every((network) => staged.some((row) => follows(row, network, job)));
    if (left === null || !isWhole) return null;
    const claims = await tables.nextEpoch.claimCount(organization);
    const before = await stateNow(tables, job);
    await tables.nextEpoch.begin(organization, epoch);
    for (const row of staged) await markPublished(tables, row);
    await endPublishers(tables, job);
    await tables.publishers.named(organization, epoch, now);
    const total = claims + staged.length;
    const note = noteOf(left);
    await tables.jobs.progress(job.id, { state: 'done', done: total, total, note, changed: now });
    const event = { time: now, actor: SYSTEM, act: 'organization.epoch', outcome: 'done', organization } as const;
    const detail = { job: job.id, epoch, claims, networks: staged.length, left };
    const told = { object: `organization ${organization}`, detail, reason: job.reason };
    await appendAudit(tables.audit, { ...event, ...told, change: { before, after: await stateNow(tables, job) } });
    return { kind: 'done', total, note };
  });
}

/** What the audit compares. */
async function stateNow(tables: ManagementTables, { organization }: StoredJob) {
  const { epoch } = await findOrganization(tables, organization);
  const profiles = (await tables.profiles.currentSequences(organization)).map(({ network, sequence }) => ({
    network,
    sequence,
  }));
  return { epoch, profiles };
}

/** How many claims have no successor because none can be signed; null: some could be. */
async function unstagedClaims(
  management: Management,
  tables: ManagementTables,
  job: StoredJob,
): Promise<number | null> {
  const { organization } = job;
  const owner = await nextOwner(tables, job);
  let count = 0;
  let page: readonly ClaimRow[] = [];
  do {
    const asked = { organization, now: management.now(), after: page.at(-1) ?? null, limit: BATCH_CLAIMS };
    page = await tables.nextEpoch.unstaged(asked);
    if (page.some((row) => canSignAnew(management.service, row, owner))) return null;
    count += page.length;
  } while (page.length === BATCH_CLAIMS);
  return count;
}

function noteOf(left: number): string | null {
  if (left === 0) return null;
  return `${left} device(s) need a label proof for the publishers of this epoch, and get none of its profiles until then: "windlass claim unproved" names them, and somebody with their labels runs "windlass claim prove".`;
}

/** What the profile was the first to have, or to drop. What was retired after it was signed is on devices nevertheless. */
async function markPublished(tables: ManagementTables, row: ProfileRow): Promise<void> {
  const cas = await tables.inspectionCas.of(row);
  const isIn = (fingerprint: string) => row.inspectionCas.some((ca) => ca.fingerprint === fingerprint);
  const isCurrent = ({ retired }: (typeof cas)[number]) => retired === null || retired >= row.issued;
  const fresh = cas.filter((ca) => ca.publishedSequence === null && isApproved(ca) && isCurrent(ca));
  const first = fresh.filter(({ fingerprint }) => isIn(fingerprint));
  const gone = cas.filter((ca) => ca.retired !== null && ca.retiredSequence === null && !isIn(ca.fingerprint));
  const ids = (some: typeof cas) => some.map(({ id }) => id);
  await tables.inspectionCas.published(row.sequence, ids(first), ids(gone));
}

/** What no claim names any more is forgotten; other jobs of the organization have nothing left to do. */
async function endPublishers(tables: ManagementTables, { organization, epoch }: StoredJob): Promise<void> {
  const anchors = await tables.publishers.of(organization);
  for (const anchor of anchors) if ((anchor.untilEpoch ?? epoch + 1) <= epoch) await tables.publishers.remove(anchor);
}

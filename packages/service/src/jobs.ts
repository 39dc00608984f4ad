// Jobs as people see them: what was asked for and goes on after the request.
import type { Job, PageInput } from '@windlass/management';
import { formatTime, type OrganizationId } from '@windlass/protocol';
import type { Management } from './management.ts';
import { findOrganization } from './organizations.ts';
import { pageOf, wantedPage } from './paging.ts';
import { Refusal } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { StoredJob } from './store/management-ports-publishers.ts';

interface JobQuery extends PageInput {
  readonly organization?: string | undefined;
  readonly job?: number;
  readonly state?: Job['state'];
}

/** Jobs of the organization, or of all, newest first; or the one with that id. @throws Refusal `not-found`, `invalid-request` (the cursor) */
export async function listJobs(
  { store: { tables } }: Management,
  { job, state, ...input }: JobQuery,
): Promise<{ items: Job[]; next: string | null }> {
  const owner = input.organization === undefined ? null : (await findOrganization(tables, input.organization)).name;
  if (job !== undefined) return { items: [await findJob(tables, owner, job)], next: null };
  const page = wantedPage('jobs', { owner, state }, { id: 'number' }, input);
  const before = page.after?.id ?? null;
  const rows = await tables.jobs.page({ organization: owner, state, before, limit: page.limit + 1 });
  return pageOf(page, rows, (row) => row, jobOf);
}

async function findJob(tables: ManagementTables, owner: OrganizationId | null, id: number): Promise<Job> {
  const found = await tables.jobs.find(id);
  if (found !== null && (owner === null || found.organization === owner)) return jobOf(found);
  throw new Refusal('not-found', `There is no job ${id}: list them, and check the number.`);
}

/** A job as it is told. */
export function jobOf(stored: StoredJob): Job {
  const { id, organization, kind, epoch, reason, actor, state, done, total, note, created, changed } = stored;
  const progress = { state, done, total, note, created: formatTime(created), changed: formatTime(changed) };
  return { id, organization, kind, epoch, reason, actor, ...progress };
}

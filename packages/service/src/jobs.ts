// Jobs as people see them: what was asked for and goes on after the request.
import type { Job } from '@windlass/management';
import { formatTime } from '@windlass/protocol';
import type { Management } from './management.ts';
import { findOrganization } from './organizations.ts';
import { Refusal } from './refusal.ts';
import type { StoredJob } from './store/management-ports-publishers.ts';

/** Jobs that a list gives. */
const MAX_LISTED = 100;

/** The last jobs of the organization, or of all, newest first; or the one with that id. @throws Refusal `not-found` */
export async function listJobs(
  { store: { tables } }: Management,
  input: { readonly organization?: string | undefined; readonly job?: number },
): Promise<{ items: Job[] }> {
  const owner = input.organization === undefined ? null : (await findOrganization(tables, input.organization)).name;
  if (input.job === undefined) return { items: (await tables.jobs.list(owner, MAX_LISTED)).map(jobOf) };
  const found = await tables.jobs.find(input.job);
  if (found !== null && (owner === null || found.organization === owner)) return { items: [jobOf(found)] };
  throw new Refusal('not-found', `There is no job ${input.job}: list them, and check the number.`);
}

/** A job as it is told. */
export function jobOf(stored: StoredJob): Job {
  const { id, organization, kind, epoch, reason, actor, state, done, total, note, created, changed } = stored;
  const progress = { state, done, total, note, created: formatTime(created), changed: formatTime(changed) };
  return { id, organization, kind, epoch, reason, actor, ...progress };
}

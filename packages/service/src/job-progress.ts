// How far a job is, for people who watch it.
import type { Management } from './management.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { StoredJob } from './store/management-ports-publishers.ts';

/** What came of working on a job. */
export type JobOutcome =
  | { readonly kind: 'done'; readonly total: number; readonly note: string | null }
  /** Somebody has to do something first. */
  | { readonly kind: 'waiting'; readonly note: string }
  /** The service ends; it goes on after the next start. */
  | { readonly kind: 'stopped' };

/** Somebody has to do what `note` says. */
export function waiting(note: string): JobOutcome {
  return { kind: 'waiting', note };
}

/** The service ends. */
export const stopped: JobOutcome = { kind: 'stopped' };

/**
 * The job is under way and that far, or as far as another instance is, which works on it as well. One that is done stays so: begun again, an
 * epoch would be published twice.
 */
export async function keepProgress(
  { store, now }: Management,
  job: StoredJob,
  progress: { readonly done: number; readonly total: number },
): Promise<void> {
  await store.transaction(async (tables) => {
    const open = await findOpen(tables, job);
    if (open === null) return;
    const [done, total] = [Math.max(open.done, progress.done), Math.max(open.total, progress.total)];
    await tables.jobs.progress(job.id, { state: 'running', done, total, note: null, changed: now() });
  });
}

/** The job as it is now; null: somebody has done it. What is found by that in a transaction holds until its end. */
export async function findOpen({ jobs }: ManagementTables, { id }: StoredJob): Promise<StoredJob | null> {
  const found = await jobs.find(id);
  return found === null || found.state === 'done' ? null : found;
}

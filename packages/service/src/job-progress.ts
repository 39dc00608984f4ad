// How far a job is, for people who watch it.
import type { Management } from './management.ts';
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

/** The job is under way and that far. */
export async function keepProgress(
  { store, now }: Management,
  { id }: StoredJob,
  { done, total }: { readonly done: number; readonly total: number },
): Promise<void> {
  await store.transaction(({ jobs }) =>
    jobs.progress(id, { state: 'running', done, total, note: null, changed: now() }),
  );
}

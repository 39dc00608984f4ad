// Who works on jobs: at once when an act asked for one, after a start, and each minute; and each hour on what ends soon. Nothing is kept in
// memory: what is left is found in the database.
import { renewEndingClaims } from './claim-endings.ts';
import { endingSentences } from './endings.ts';
import { findOpen, type JobOutcome, waiting } from './job-progress.ts';
import { runKillSwitch } from './kill-switch-job.ts';
import type { Management } from './management.ts';
import { renewEndingProfiles } from './profile-renewal.ts';
import { renamePublishers } from './publisher-job.ts';
import { Refusal } from './refusal.ts';
import { repeat, type WorkLog } from './repeat.ts';
import { SignerError } from './signer/ports.ts';
import type { StoredJob } from './store/management-ports-publishers.ts';

const JOBS_MILLISECONDS = 60_000;
const ENDINGS_MILLISECONDS = 3_600_000;

/** Every open job goes on as far as it can. @throws StoreError */
export async function runJobs(management: Management, isEnded: () => boolean = () => false): Promise<void> {
  for (const job of await management.store.tables.jobs.open(null)) {
    if (isEnded()) return;
    await keep(management, job, await attempt(management, job, isEnded));
  }
}

/** What a job stumbles over, people have to put right. */
async function attempt(management: Management, job: StoredJob, isEnded: () => boolean): Promise<JobOutcome> {
  try {
    switch (job.kind) {
      case 'kill-switch':
        return await runKillSwitch(management, job, isEnded);
      case 'publishers':
        return await renamePublishers(management, job, isEnded);
    }
  } catch (cause) {
    if (cause instanceof Refusal || cause instanceof SignerError) return waiting(cause.message);
    throw cause;
  }
}

/** What came of it is with the job. */
async function keep({ store, now }: Management, worked: StoredJob, outcome: JobOutcome): Promise<void> {
  if (outcome.kind === 'stopped') return;
  await store.transaction(async (tables) => {
    const job = await findOpen(tables, worked);
    if (job === null) return;
    const { note } = outcome;
    if (job.state === outcome.kind && job.note === note) return;
    const { done, total } = outcome.kind === 'done' ? { done: outcome.total, total: outcome.total } : job;
    await tables.jobs.progress(job.id, { state: outcome.kind, done, total, note, changed: now() });
  });
}

/** What ends soon is signed anew where the service may; for the rest health has a sentence. */
export async function renewEndings(management: Management, log: WorkLog, isEnded: () => boolean): Promise<void> {
  const claims = await renewEndingClaims(management, isEnded);
  const profiles = await renewEndingProfiles(management, log, isEnded);
  if (claims + profiles > 0) log.info({ claims, profiles }, 'claims and profiles that end soon were signed anew');
  const missing = await missingKeys(management);
  for (const sentence of missing) log.warn({}, sentence);
  management.jobs.endings = [...(await endingSentences(management)), ...missing];
}

/** Keys are files: what another instance made is not here unless both use the same directory. Without names, for health is for everybody. */
async function missingKeys({ store, keys }: Management): Promise<readonly string[]> {
  const hosted = (await store.tables.publishers.all()).filter(
    ({ kind, untilEpoch }) => kind === 'hosted' && untilEpoch === null,
  );
  const missing = hosted.filter((anchor) => !keys.hasPublisher(anchor));
  if (missing.length === 0) return [];
  return [
    `The keys of ${missing.length} publisher(s) are missing on this instance, which cannot sign with them: put keys/publishers back, or mount the same one on all instances.`,
  ];
}

/** Jobs are worked on from now on. Returns how to stop. */
export function keepJobsRunning(management: Management, log: WorkLog): () => Promise<void> {
  const jobs = repeat((isEnded) => runJobs(management, isEnded), {
    everyMilliseconds: JOBS_MILLISECONDS,
    log,
    failed: 'a job could not go on',
  });
  const endings = repeat((isEnded) => renewEndings(management, log, isEnded), {
    everyMilliseconds: ENDINGS_MILLISECONDS,
    log,
    failed: 'what ends soon could not be signed anew',
  });
  management.jobs.wake = jobs.start;
  return async () => {
    management.jobs.wake = () => undefined;
    await jobs.stop();
    await endings.stop();
  };
}

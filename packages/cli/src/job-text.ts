/** A job as people read it. */
import type { Job } from '@windlass/management';
import { facts } from './output.ts';
import type { Paint } from './terminal.ts';

/** What the job does, how far it is, and what it waits for. */
export function jobText(job: Job, paint: Paint): string {
  const { id, organization, state, note } = job;
  const states = {
    running: paint.yellow('under way'),
    waiting: paint.red('waiting'),
    done: paint.green('done'),
  };
  return [
    `Job ${id} of ${paint.bold(organization)}, ${whatOf(job)}: ${states[state]}, ${job.done} of ${job.total} signed.`,
    ...(note === null ? [] : [`  ${note}`]),
    facts(paint, [
      ['reason', job.reason],
      ['asked by', job.actor],
      ['since', job.created],
      [state === 'done' ? 'done' : 'last change', job.changed],
    ]),
  ].join('\n');
}

/** `the kill switch, epoch 2`. */
export function whatOf({ kind, epoch }: Job): string {
  switch (kind) {
    case 'kill-switch':
      return `the kill switch, epoch ${epoch}`;
    case 'publishers':
      return 'claims that name other publishers';
  }
}

/** How an act that waits for a second person, or waited, is shown to people. */
import type { Approval } from '@windlass/management';
import { facts } from './output.ts';
import type { Paint } from './terminal.ts';

/** What it is, who asked, what became of it, and what the audit will say of it. */
export function approvalText(approval: Approval, paint: Paint): string {
  const { id, act, object, state, requestedBy, requested, reason, expires, decidedBy, decided, decisionReason } =
    approval;
  return [
    `${paint.bold(act)} of ${paint.bold(object)}: ${state}`,
    facts(paint, [
      ['approval', id],
      ['asked by', `${requestedBy}, ${requested}`],
      ['because', reason],
      ['decided by', decidedBy === null ? null : `${decidedBy}, ${decided}`],
      ['decision', decisionReason],
      ['ends', state === 'waiting' ? expires : null],
    ]),
    ...detailLines(approval.detail),
  ].join('\n');
}

/** A line per change where the act lists them; else a line per member, whatever it is. */
function detailLines({ changes, ...others }: Approval['detail']): readonly string[] {
  if (Array.isArray(changes)) return changes.map((change) => `  ${change}`);
  return Object.entries(others)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
}

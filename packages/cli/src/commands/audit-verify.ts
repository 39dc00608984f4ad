/** `windlass audit verify`: whether the record is whole, from its first entry to its last. */
import type { ManagementClient } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { exitCodes } from '../errors.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly decisions?: boolean;
}

/** What was found. */
interface Verification {
  readonly entries: number;
  /** null: none is. */
  readonly brokenAt: number | null;
  readonly last: { readonly id: number; readonly hash: string } | null;
  /** Hours whose decisions are not those that were summed up; absent when that was not asked. */
  readonly changedHours?: readonly string[];
  readonly hours?: number;
}

const PIECE_ENTRIES = 1000;

export function auditVerify(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'verify',
    summary: 'whether the record is whole',
    description:
      'Walks the whole chain of records, piece by piece, and names the first one that was changed, or before which one is missing; exits with 1 then. The hash of the last record stands for all before it: write it down elsewhere, because whoever cuts the end off leaves a chain that is whole. With --decisions, by an admin, what was answered to devices is compared with what the audit keeps of each hour.',
    examples: ['audit verify --dir ./service', 'audit verify --decisions --dir ./service'],
  })
    .option('--organization <name>', 'seen as its approver; the chain is the same')
    .option('--decisions', 'also the answers to devices, hour by hour');
  return withConnection(command).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const chain = await walk(client);
    const found = options.decisions === true ? { ...chain, ...(await compareHours(client)) } : chain;
    show(terminal, options, found, textOf);
    if (found.brokenAt !== null || (found.changedHours ?? []).length > 0) terminal.exitWith(exitCodes.failure);
  });
}

async function walk(client: ManagementClient): Promise<Verification> {
  let entries = 0;
  let last: Verification['last'] = null;
  for (;;) {
    const piece = await client.verifyAudit({ after: last?.id ?? 0, limit: PIECE_ENTRIES });
    if (piece.chain !== 'intact') return { entries, brokenAt: piece.chain.brokenAt, last };
    if (piece.last === null) return { entries, brokenAt: null, last };
    entries += piece.checked;
    last = piece.last;
  }
}

async function compareHours(client: ManagementClient): Promise<Pick<Verification, 'changedHours' | 'hours'>> {
  const changedHours: string[] = [];
  let hours = 0;
  let after = 0;
  for (;;) {
    const { entries } = await client.exportAudit({ act: 'decision.digest', after, limit: PIECE_ENTRIES });
    for (const { id, detail } of entries) {
      const hour = String(detail['hour']);
      const now = await client.digestDecisions({ hour });
      if (now.sha256 !== detail['sha256']) changedHours.push(hour);
      hours += 1;
      after = id;
    }
    if (entries.length === 0) return { changedHours, hours };
  }
}

function textOf({ entries, brokenAt, last, changedHours, hours }: Verification, paint: Terminal['paint']): string {
  const chain =
    brokenAt === null
      ? `The chain of ${entries} records is ${paint.green('intact')}.`
      : `The chain is ${paint.red(`BROKEN at record ${brokenAt}`)}: it was changed, or one before it is missing.`;
  const end = last === null || brokenAt !== null ? [] : [`  last record  ${last.id} ${last.hash}`];
  if (changedHours === undefined) return [chain, ...end].join('\n');
  const answers =
    hours === 0
      ? 'No answer to a device was compared: the audit shows no hour of them to this token.'
      : changedHours.length === 0
        ? `The answers to devices of ${hours} hours are as the audit has them.`
        : `Answers to devices were ${paint.red('changed')} in ${changedHours.length} of ${hours} hours: ${changedHours.join(', ')}.`;
  return [chain, ...end, answers].join('\n');
}

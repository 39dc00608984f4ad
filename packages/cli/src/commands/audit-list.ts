/** `windlass audit list`: who did what, newest first, and whether the chain of records still holds. */
import type { AuditEntry } from '@windlass/management';
import type { Command } from 'commander';
import { type AuditFilterOptions, auditFilter, withAuditFilter } from '../audit-filter.ts';
import { newCommand, parseWholeNumber } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { exitCodes } from '../errors.ts';
import { type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, AuditFilterOptions {
  readonly limit?: number;
  readonly before?: number;
}

export function auditList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'who changed what, and whether the record is whole',
    description:
      'Lists management acts, newest first: one line per act, done or refused. Exits with 1 when the hash chain is broken, which means that records were changed or removed.',
    examples: [
      'audit list --dir ./service',
      'audit list --act profile.publish --since 2027-01-01 --organization acme --limit 20 --dir ./service',
    ],
  })
    .option('--limit <number>', 'at most so many lines (1 to 1000)', (text) =>
      parseWholeNumber(text, { from: 1, to: 1000, what: 'a number' }),
    )
    .option('--before <id>', 'only lines before this one: the next page', (text) =>
      parseWholeNumber(text, { from: 1, to: 999_999_999, what: 'the id of a line' }),
    );
  return withConnection(withAuditFilter(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { limit, before } = options;
    const page = await client.listAudit({ ...auditFilter(options), limit, before });
    show(terminal, options, page, ({ entries, chain }, paint) => {
      const state =
        chain === 'intact'
          ? paint.green('intact')
          : paint.red(`BROKEN at line ${chain.brokenAt}: records were changed or removed`);
      return `${auditTable(entries, paint)}\n\nThe chain of records is ${state}.`;
    });
    if (page.chain !== 'intact') terminal.exitWith(exitCodes.failure);
  });
}

function auditTable(entries: readonly AuditEntry[], paint: Terminal['paint']): string {
  return table(
    paint,
    entries,
    [
      { title: 'ID', cell: ({ id }) => String(id) },
      { title: 'TIME', cell: ({ time }) => time },
      { title: 'ACTOR', cell: ({ actor }) => actor },
      { title: 'ACT', cell: ({ act }) => act },
      { title: 'OUTCOME', cell: ({ outcome }) => outcome },
      { title: 'ORGANIZATION', cell: ({ organization }) => organization ?? '-' },
      { title: 'OBJECT', cell: ({ object }) => object },
    ],
    'No such act is recorded.',
  );
}

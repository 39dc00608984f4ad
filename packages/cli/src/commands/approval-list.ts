/** `windlass approval list`: acts that wait for a second person, and those that waited. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization?: string;
}

export function approvalList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'what waits for a second person',
    description:
      'Lists the acts that approvers asked for and another one has to approve: first what waits, or expired after a week, then what was approved, rejected or withdrawn; each newest first.',
    examples: ['approval list --organization acme --dir ./service'],
  }).option('--organization <name>', "only its own, seen with its approver's token");
  return withConnection(command).action(async (options: Options) => {
    const { organization } = options;
    const client = await connect(options, terminal);
    show(terminal, options, await client.listApprovals({ organization }), ({ items }, paint) =>
      table(
        paint,
        items,
        [
          { title: 'APPROVAL', cell: ({ id }) => id },
          { title: 'STATE', cell: ({ state }) => state },
          { title: 'ACT', cell: ({ act }) => act },
          { title: 'OBJECT', cell: ({ object }) => object },
          { title: 'ASKED BY', cell: ({ requestedBy }) => requestedBy },
          { title: 'ENDS', cell: ({ state, expires }) => (state === 'waiting' ? expires : '-') },
        ],
        'Nothing waits for a second person.',
      ),
    );
  });
}

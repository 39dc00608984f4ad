/** `windlass approval list`: acts that wait for a second person, and those that waited. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
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
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const { organization } = options;
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listApprovals({ organization, ...page }),
      (items, paint) =>
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

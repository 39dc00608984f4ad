/** `windlass transfer list`: devices that are on their way from one organization to another. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly open?: boolean;
  readonly organization?: string;
}

export function transferList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'devices that were offered, by and to the organization',
    description:
      'Lists offers, newest first: open, accepted, revoked, expired, or void because the device changed hands otherwise.',
    examples: ['transfer list --organization acme --dir ./service'],
  })
    .option('--organization <name>', "only its offers, seen with its approver's token")
    .option('--open', 'only those that can be accepted now');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const { organization, open } = options;
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listTransfers({ organization, open, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'TRANSFER', cell: ({ id }) => id },
            { title: 'SERIAL', cell: ({ serial }) => serial },
            { title: 'FROM', cell: ({ from }) => from },
            { title: 'TO', cell: ({ to }) => to },
            { title: 'STATE', cell: ({ state }) => state },
            { title: 'OFFERED', cell: ({ offered }) => offered },
            { title: 'EXPIRES', cell: ({ expires }) => expires },
          ],
          'No device was offered.',
        ),
    );
  });
}

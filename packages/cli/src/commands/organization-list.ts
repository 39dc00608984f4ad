/** `windlass organization list`: who can own devices at this service. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

export function organizationList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the organizations of this service',
    description: "Lists the organizations and until when their publishers can sign. Run by the service's operator.",
    examples: ['organization list --dir ./service'],
  });
  return withConnection(withPaging(command)).action(async (options: ConnectionOptions & ListOptions) => {
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listOrganizations(page),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'ORGANIZATION', cell: ({ name }) => name },
            { title: 'SINCE', cell: ({ created }) => created },
            { title: 'PUBLISHER UNTIL', cell: ({ publisherExpires }) => publisherExpires },
            { title: 'EPOCH', cell: ({ epoch }) => String(epoch) },
          ],
          `No organization exists yet: add one with ${terminal.commandName} organization add.`,
        ),
    );
  });
}

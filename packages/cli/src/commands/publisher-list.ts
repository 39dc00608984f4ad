/** `windlass publisher list`: under which CAs an organization's profiles are signed. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly organization: string;
}

export function publisherList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: "the publishers of an organization's profiles",
    description:
      "Lists the publisher anchors that an organization's claims name. Nothing is signed under one that is coming; one that is ending goes with the next epoch.",
    examples: ['publisher list --organization acme --dir ./service'],
  }).requiredOption('--organization <name>', 'whose publishers');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization } = options;
    await showList(
      terminal,
      options,
      (page) => client.listPublishers({ organization, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'KIND', cell: ({ kind }) => kind },
            { title: 'STATE', cell: ({ state }) => state },
            { title: 'UNTIL', cell: ({ expires }) => expires },
            { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint },
            { title: 'SUBJECT', cell: ({ subject }) => subject },
          ],
          `${organization} has no publisher.`,
        ),
    );
  });
}

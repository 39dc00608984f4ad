/** `windlass network list`: the networks of an organization and how often each was published. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly organization: string;
}

export function networkList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the networks of an organization',
    description: 'Lists the networks of an organization and the sequence of what was last published for each.',
    examples: ['network list --organization acme --dir ./service'],
  }).requiredOption('--organization <name>', 'whose networks');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listNetworks({ organization: options.organization, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'NETWORK', cell: ({ name }) => name },
            { title: 'PUBLISHED', cell: ({ sequence }) => (sequence === 0 ? 'never' : `sequence ${sequence}`) },
            { title: 'SINCE', cell: ({ created }) => created },
          ],
          `${options.organization} has no network yet: add one with ${terminal.commandName} network add.`,
        ),
    );
  });
}

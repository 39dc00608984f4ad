/** `windlass endpoint list`: the destinations that devices on a network check. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { detailsOf } from '../endpoint-text.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly organization: string;
  readonly network: string;
}

export function endpointList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the destinations that devices on a network check',
    description: 'Lists the endpoints of a network, published or not.',
    examples: ['endpoint list --organization acme --network plant-1 --dir ./service'],
  })
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network } = options;
    await showList(
      terminal,
      options,
      (page) => client.listEndpoints({ organization, network, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'ENDPOINT', cell: ({ name }) => name },
            { title: 'HOST', cell: ({ host }) => host },
            { title: 'PORT', cell: ({ port }) => String(port) },
            { title: 'PROTOCOL', cell: ({ protocol }) => protocol },
            { title: 'PATH', cell: ({ path }) => path ?? '' },
            { title: 'DETAILS', cell: (endpoint) => detailsOf(endpoint).join(', ') },
          ],
          `${network} has no endpoint yet: add one with ${terminal.commandName} endpoint add.`,
        ),
    );
  });
}

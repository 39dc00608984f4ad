/** `windlass profile list`: what was published for a network, newest first. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly network: string;
}

export function profileList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'what was published for a network',
    description: 'Lists every publication of a network, newest first, with what changed.',
    examples: ['profile list --organization acme --network plant-1 --dir ./service'],
  })
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(command).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network } = options;
    show(terminal, options, await client.listProfiles({ organization, network }), ({ items }, paint) =>
      table(
        paint,
        items,
        [
          {
            title: 'SEQUENCE',
            cell: ({ epoch, sequence }) => (epoch === 0 ? String(sequence) : `${epoch}.${sequence}`),
          },
          { title: 'ISSUED', cell: ({ issued }) => issued },
          { title: 'EXPIRES', cell: ({ expires }) => expires },
          { title: 'CAS', cell: ({ inspectionCas }) => String(inspectionCas.length) },
          {
            title: 'CHANGES',
            cell: ({ changes, reason }) => [...changes, ...(reason === null ? [] : [`(${reason})`])].join('; '),
          },
        ],
        `Nothing was published for ${network} yet: publish with ${terminal.commandName} profile publish.`,
      ),
    );
  });
}

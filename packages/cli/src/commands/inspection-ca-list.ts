/** `windlass inspection-ca list`: which proxies' CAs devices on a network trust, for what, until when. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly network: string;
}

export function inspectionCaList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the inspection CAs of a network',
    description:
      'Lists the inspection CAs of a network: draft (not published yet), active, retiring (goes with the next publication), retired.',
    examples: ['inspection-ca list --organization acme --network plant-1 --dir ./service'],
  })
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(command).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network } = options;
    show(terminal, options, await client.listInspectionCas({ organization, network }), ({ items }, paint) =>
      table(
        paint,
        items,
        [
          { title: 'STATE', cell: ({ state }) => state },
          { title: 'UNTIL', cell: ({ until }) => until },
          { title: 'SUBJECT', cell: ({ subject }) => subject },
          { title: 'PERMITTED', cell: ({ permittedNames }) => permittedNames.join(',') },
          { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint },
        ],
        `${network} has no inspection CA yet: add one with ${terminal.commandName} inspection-ca add.`,
      ),
    );
  });
}

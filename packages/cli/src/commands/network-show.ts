/** `windlass network show`: all that its next publication is made of. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { detailsOf } from '../endpoint-text.ts';
import { withEtag } from '../etag.ts';
import { serviceFacts } from '../network-services-text.ts';
import { facts, type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
}

export function networkShow(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'show',
    summary: 'one network with all that is set for it',
    description:
      'Shows a network: what was last published, what is set for it, its endpoints, and its inspection CAs that are not retired. The etag that --json prints is for --if-match of commands that change the network.',
    examples: ['network show plant-1 --organization acme --dir ./service'],
  })
    .argument('<network>', 'which network')
    .requiredOption('--organization <name>', 'whose network');
  return withConnection(command).action(async (network: string, options: Options) => {
    const client = await connect(options, terminal);
    const found = await client.showNetwork({ organization: options.organization, network });
    show(terminal, options, await withEtag(found), (shown, paint) =>
      [
        `Network ${paint.bold(shown.name)} of ${shown.organization}`,
        facts(paint, [
          ['since', shown.created],
          ['published', shown.sequence === 0 ? 'never' : `sequence ${shown.sequence}`],
          ...serviceFacts(shown.services),
        ]),
        '',
        table(
          paint,
          shown.inspectionCas,
          [
            { title: 'STATE', cell: ({ state }) => state },
            { title: 'UNTIL', cell: ({ until }) => until },
            { title: 'SUBJECT', cell: ({ subject }) => subject },
            { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint },
          ],
          'It has no inspection CA.',
        ),
        '',
        table(
          paint,
          shown.endpoints,
          [
            { title: 'ENDPOINT', cell: ({ name }) => name },
            { title: 'PROTOCOL', cell: ({ protocol }) => protocol },
            { title: 'HOST', cell: ({ host, port, path }) => `${host}:${port}${path ?? ''}` },
            { title: 'DETAILS', cell: (endpoint) => detailsOf(endpoint).join(', ') },
          ],
          'It has no endpoint.',
        ),
      ].join('\n'),
    );
  });
}

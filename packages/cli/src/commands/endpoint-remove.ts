/** `windlass endpoint remove`: devices stop checking a destination with the next publication. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly network: string;
}

export function endpointRemove(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'remove',
    summary: 'take a destination off a network',
    description:
      "Devices on the network stop checking this destination with the next publication. Run with the approver's token.",
    examples: ['endpoint remove cloud --organization acme --network plant-1 --dir ./service'],
  })
    .argument('<name>', 'the name of the endpoint')
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(withIfMatch(command, 'network show')).action(async (name: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network } = options;
    show(
      terminal,
      options,
      await client.removeEndpoint({ organization, network, endpoint: name }, { ifMatch: options.ifMatch }),
      (endpoint, paint) =>
        [
          `Endpoint ${paint.bold(endpoint.name)} is no longer part of ${network}.`,
          ...nextSteps(paint, [
            `${terminal.commandName} profile publish --organization ${organization} --network ${network}${sameService(options)}`,
          ]),
        ].join('\n'),
    );
  });
}

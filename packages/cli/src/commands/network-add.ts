/** `windlass network add`: a place with one way out to the internet, and the inspecting proxies on it. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
}

export function networkAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'make a network of an organization',
    description:
      "Makes a network: what its inspecting proxies sign with is added to it as inspection CAs. Run with the approver's token.",
    examples: ['network add plant-1 --organization acme --dir ./service'],
  })
    .argument('<name>', 'the name of the network')
    .requiredOption('--organization <name>', 'whose network it is');
  return withConnection(command).action(async (name: string, options: Options) => {
    const client = await connect(options, terminal);
    const added = await client.addNetwork({ organization: options.organization, name });
    show(terminal, options, added, (network, paint) => {
      const of = `--organization ${network.organization} --network ${network.name}`;
      return [
        `Network ${paint.bold(network.name)} of ${network.organization} exists; nothing is published for it yet.`,
        ...nextSteps(paint, [
          `${terminal.commandName} inspection-ca add FILE --permit NAME ${of}${sameService(options)}`,
          `${terminal.commandName} endpoint add NAME --host HOST --port 443 --protocol https ${of}${sameService(options)}`,
        ]),
      ].join('\n');
    });
  });
}

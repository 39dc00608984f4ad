/** `windlass endpoint add`: a destination that devices on a network check and report about. */
import { EndpointProtocol } from '@windlass/management';
import { type Command, Option } from 'commander';
import { newCommand, parsePort } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly network: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: EndpointProtocol;
  readonly required?: boolean;
}

const PROTOCOLS = EndpointProtocol.anyOf.map(({ const: protocol }) => protocol);

export function endpointAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'name a destination that devices on a network must reach',
    description:
      "Devices on the network connect to this destination and report a verdict. With --required they go back to what they had when it does not work with the new profile. It takes effect with the next publication. Run with the approver's token.",
    examples: [
      'endpoint add cloud --host app.example --port 443 --protocol https --organization acme --network plant-1 --dir ./service',
    ],
  })
    .argument('<name>', 'the name of the endpoint')
    .requiredOption('--host <host>', 'its DNS name or IP address')
    .requiredOption('--port <number>', 'its TCP port', parsePort)
    .addOption(new Option('--protocol <protocol>', 'what it speaks').choices(PROTOCOLS).makeOptionMandatory())
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network')
    .option('--required', 'a profile with which this destination does not work is not kept');
  return withConnection(withIfMatch(command, 'network show')).action(async (name: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network, host, port, protocol } = options;
    const added = await client.addEndpoint(
      {
        organization,
        network,
        name,
        host,
        port,
        protocol,
        required: options.required === true,
      },
      { ifMatch: options.ifMatch },
    );
    show(terminal, options, added, (endpoint, paint) =>
      [
        `Devices on ${network} will check ${paint.bold(endpoint.name)}: ${endpoint.protocol} to ${endpoint.host}:${endpoint.port}${endpoint.required ? ', required' : ''}.`,
        ...nextSteps(paint, [
          `${terminal.commandName} profile publish --organization ${organization} --network ${network}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

/** `windlass endpoint add`: a destination that devices on a network check and report about. */
import { EndpointProtocol } from '@windlass/management';
import { type Command, Option } from 'commander';
import { collect, newCommand, parsePort } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { detailsOf, pinOf } from '../endpoint-text.ts';
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
  readonly path?: string;
  readonly alpn?: string;
  readonly clientCertificate?: boolean;
  readonly pin: readonly string[];
}

const PROTOCOLS = EndpointProtocol.anyOf.map(({ const: protocol }) => protocol);

export function endpointAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'name a destination that devices on a network must reach',
    description:
      "Devices on the network connect to this destination and report a verdict. With --required they go back to what they had when it does not work with the new profile. An endpoint that wants a client certificate, or whose clients take certain keys only, cannot be inspected: with --client-certificate or --pin devices tell whether the proxy lets it pass unopened. It takes effect with the next publication. Run with the approver's token.",
    examples: [
      'endpoint add cloud --host app.example --port 443 --protocol https --organization acme --network plant-1 --dir ./service',
      'endpoint add telemetry --host iot.example --port 443 --protocol mqtts --alpn x-amzn-mqtt-ca --client-certificate --required --organization acme --network plant-1 --dir ./service',
      'endpoint add updates --host updates.example --port 443 --protocol https --pin ./updates-ca.pem --organization acme --network plant-1 --dir ./service',
    ],
  })
    .argument('<name>', 'the name of the endpoint')
    .requiredOption('--host <host>', 'its DNS name or IP address')
    .requiredOption('--port <number>', 'its TCP port', parsePort)
    .addOption(new Option('--protocol <protocol>', 'what it speaks').choices(PROTOCOLS).makeOptionMandatory())
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network')
    .option('--required', 'a profile with which this destination does not work is not kept')
    .option('--path <path>', 'of https and wss: the path that is asked for (default: "/")')
    .option('--alpn <protocol>', 'the ALPN protocol that tells it from others on the same port')
    .option('--client-certificate', 'it wants a TLS client certificate, so it cannot be inspected')
    .option(
      '--pin <key>',
      'a key that its clients take, as the file of a certificate or the base64 SHA-256 of its SubjectPublicKeyInfo; can be given up to 4 times',
      collect,
      [],
    );
  return withConnection(withIfMatch(command, 'network show')).action(async (name: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network, host, port, protocol, path, alpn, clientCertificate } = options;
    const pins = options.pin.map(pinOf);
    const added = await client.addEndpoint(
      {
        organization,
        network,
        name,
        host,
        port,
        protocol,
        required: options.required === true,
        path,
        alpn,
        clientCertificate,
        pins: pins.length === 0 ? undefined : pins,
      },
      { ifMatch: options.ifMatch },
    );
    show(terminal, options, added, (endpoint, paint) =>
      [
        `Devices on ${network} will check ${paint.bold(endpoint.name)}: ${endpoint.protocol} to ${endpoint.host}:${endpoint.port}${endpoint.path ?? ''}${detailsOf(
          endpoint,
        )
          .map((detail) => `, ${detail}`)
          .join('')}.`,
        ...nextSteps(paint, [
          `${terminal.commandName} profile publish --organization ${organization} --network ${network}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

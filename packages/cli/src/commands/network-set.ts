/** `windlass network set`: the explicit proxy, time servers and DNS servers that devices on a network are told of. */
import type { NetworkServices } from '@windlass/management';
import { type Command, Option } from 'commander';
import { collect, newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { parseProxy, serviceFacts } from '../network-services-text.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly proxy?: NetworkServices['explicitProxy'];
  readonly direct?: string[];
  readonly timeServer?: string[];
  readonly dns?: string[];
  readonly clear?: readonly Clearable[];
  readonly reason?: string;
}

const CLEARABLE = ['proxy', 'direct', 'time-servers', 'dns'] as const;
type Clearable = (typeof CLEARABLE)[number];

export function networkSet(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'set',
    summary: 'tell devices on a network of a proxy, time servers or DNS servers',
    description:
      "Sets what devices on the network are told of beside what they trust. What is not named stays as it is. Devices use the proxy when their own configuration names none; it gets no credentials from here. It sends traffic elsewhere, so only an approver does it, and it takes effect with the next publication, which shows it. Run with the approver's token.",
    examples: [
      'network set plant-1 --proxy http://proxy.plant.example:3128 --direct plant.example 10.0.0.0/8 --organization acme --dir ./service',
      'network set plant-1 --time-server ntp.plant.example --dns 10.0.0.53 --organization acme --dir ./service',
      'network set plant-1 --clear proxy direct --organization acme --dir ./service',
    ],
  })
    .argument('<network>', 'which network')
    .requiredOption('--organization <name>', 'whose network')
    .option(
      '--proxy <url>',
      'the explicit proxy: http://HOST:PORT, or https:// when the proxy itself speaks TLS',
      parseProxy,
    )
    .option('--direct <scope...>', 'names, with all below them, and IP prefixes that take no proxy', collect)
    .option('--time-server <host...>', 'NTP servers, at most 8', collect)
    .option('--dns <host...>', 'DNS servers, at most 8', collect)
    .addOption(new Option('--clear <what...>', 'no longer say this').choices(CLEARABLE))
    .option('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'network show')).action(async (network: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, reason, ifMatch } = options;
    const set = await client.setNetworkServices({ organization, network, ...changesIn(options), reason }, { ifMatch });
    show(terminal, options, set, (services, paint) => {
      const lines = serviceFacts(services).filter(([, value]) => value !== null);
      const told = `Devices on ${paint.bold(network)} will be told of`;
      return [
        ...(lines.length === 0
          ? [`${told} no proxy, time servers or DNS servers.`]
          : [`${told}:`, facts(paint, lines)]),
        ...nextSteps(paint, [
          `${terminal.commandName} profile diff --organization ${organization} --network ${network}${sameService(options)}`,
        ]),
      ].join('\n');
    });
  });
}

function changesIn({ proxy, direct, timeServer, dns, clear = [] }: Options) {
  const given = { proxy, direct, 'time-servers': timeServer, dns };
  const both = clear.find((name) => given[name] !== undefined);
  if (both !== undefined)
    throw new CommandError(`--clear ${both} and a value for it contradict each other: give one of the two.`);
  const value = <Name extends Clearable>(name: Name) => (clear.includes(name) ? null : given[name]);
  return {
    explicitProxy: value('proxy'),
    noProxy: value('direct'),
    timeServers: value('time-servers'),
    dns: value('dns'),
  };
}

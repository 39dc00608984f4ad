/** `windlass inspection-ca retire`: devices drop this CA at their next contact after the next publication. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly network: string;
  readonly reason?: string;
}

export function inspectionCaRetire(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'retire',
    summary: 'take an inspection CA off a network',
    description:
      "Marks an inspection CA to be dropped by every device of the network, by its key. It takes effect with the next publication. Run with the approver's token.",
    examples: ['inspection-ca retire 5E:8A:...:0F --organization acme --network plant-1 --dir ./service'],
  })
    .argument('<fingerprint>', 'SHA-256 of the certificate, with or without colons')
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'inspection-ca show')).action(
    async (fingerprint: string, options: Options) => {
      const client = await connect(options, terminal);
      const { organization, network, reason } = options;
      const retired = await client.retireInspectionCa(
        { organization, network, fingerprint, reason },
        { ifMatch: options.ifMatch },
      );
      show(terminal, options, retired, (ca, paint) =>
        [
          ca.state === 'retired'
            ? `The inspection CA is off ${paint.bold(network)}: it was never published.`
            : `The inspection CA goes off ${paint.bold(network)} with the next publication. Until then devices keep it.`,
          facts(paint, [
            ['subject', ca.subject],
            ['fingerprint', ca.fingerprint],
            ['state', ca.state],
          ]),
          ...nextSteps(paint, [
            `${terminal.commandName} profile publish --organization ${organization} --network ${network}${sameService(options)}`,
          ]),
        ].join('\n'),
      );
    },
  );
}

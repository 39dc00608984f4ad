/** `windlass inspection-ca remove`: a draft, or what was never published, is gone. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly network: string;
}

export function inspectionCaRemove(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'remove',
    summary: 'remove an inspection CA that was never published',
    description:
      'Removes a draft, or an approved inspection CA that was never published; the audit keeps what it was. One that is or was published stays: retire it, so that devices drop it. Run with the token of a network admin or an approver.',
    examples: ['inspection-ca remove 5E:8A:...:0F --organization acme --network plant-1 --dir ./service'],
  })
    .argument('<fingerprint>', 'SHA-256 of the certificate, with or without colons')
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(withIfMatch(command, 'inspection-ca show')).action(
    async (fingerprint: string, options: Options) => {
      const client = await connect(options, terminal);
      const { organization, network } = options;
      const removed = await client.removeInspectionCa(
        { organization, network, fingerprint },
        { ifMatch: options.ifMatch },
      );
      show(terminal, options, removed, (ca, paint) =>
        [
          `The inspection CA is no longer part of ${paint.bold(network)}. No device ever had it.`,
          facts(paint, [
            ['subject', ca.subject],
            ['fingerprint', ca.fingerprint],
          ]),
        ].join('\n'),
      );
    },
  );
}

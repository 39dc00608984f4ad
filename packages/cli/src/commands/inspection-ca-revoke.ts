/** `windlass inspection-ca revoke`: a CA that is not to be trusted ever again. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { facts, nextSteps, type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly network: string;
  readonly reason: string;
}

export function inspectionCaRevoke(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'revoke',
    summary: 'take an inspection CA off for good',
    description:
      "Ends an inspection CA as retiring it does, on every network of the organization that has its key; and the organization takes no CA with this key again. Devices drop it with the next publication: publish at once, or use the kill switch. Run with the approver's token.",
    examples: [
      'inspection-ca revoke 5E:8A:...:0F --reason "its key was copied" --organization acme --network plant-1 --dir ./service',
    ],
  })
    .argument('<fingerprint>', 'SHA-256 of the certificate, with or without colons')
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network')
    .requiredOption('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'inspection-ca show')).action(
    async (fingerprint: string, options: Options) => {
      const client = await connect(options, terminal);
      const { organization, network, reason } = options;
      const revoked = await client.revokeInspectionCa(
        { organization, network, fingerprint, reason },
        { ifMatch: options.ifMatch },
      );
      show(terminal, options, revoked, (ca, paint) =>
        [
          ca.published !== null && ca.dropped === null
            ? `The inspection CA goes off ${paint.bold(network)} with the next publication, for good. Until then devices keep it.`
            : `The inspection CA is revoked: ${paint.bold(organization)} takes its key no more.`,
          facts(paint, [
            ['subject', ca.subject],
            ['fingerprint', ca.fingerprint],
            ['state', ca.state],
          ]),
          ...warningLines(paint, ca.warnings),
          ...nextSteps(paint, [
            `${terminal.commandName} profile publish --organization ${organization} --network ${network}${sameService(options)}`,
          ]),
        ].join('\n'),
      );
    },
  );
}

/** `windlass publisher add`: one more CA under which an organization's profiles are signed. */
import type { Command } from 'commander';
import { readCertificateText } from '../certificate-file.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { UsageError } from '../errors.ts';
import { facts, nextSteps, type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly anchor?: string;
  readonly hosted?: boolean;
  readonly reason?: string;
}

export function publisherAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: "let an organization's own CA say who signs its profiles",
    description:
      "Adds a publisher anchor to an organization: the CA that issues the publisher's certificate directly, whose key stays with you (--anchor), or one with new keys that the service keeps (--hosted). Every claim of the organization is signed anew to name it; profiles can be signed under it when that job is done. Who has the CA's key decides what devices trust. Run with the approver's token.",
    examples: [
      'publisher add --organization acme --anchor ./publisher-ca.pem --reason "our own key" --dir ./service',
      'publisher add --organization acme --hosted --dir ./service',
    ],
  })
    .requiredOption('--organization <name>', 'whose profiles it signs')
    .option('--anchor <file>', 'the CA, PEM or DER')
    .option('--hosted', 'instead: new keys that the service keeps')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (options: Options) => {
    const { organization, anchor, hosted, reason } = options;
    if ((anchor === undefined) === (hosted !== true)) {
      throw new UsageError('Which publisher? Give --anchor with the CA, or --hosted for keys that the service keeps.');
    }
    const certificate =
      anchor === undefined ? undefined : readCertificateText(anchor, 'the CA that issues the publisher');
    const client = await connect(options, terminal);
    show(terminal, options, await client.addPublisher({ organization, certificate, reason }), (added, paint) =>
      [
        `${paint.bold(organization)} has one more publisher anchor. Its claims are being signed anew to name it.`,
        facts(paint, [
          ['kind', added.kind],
          ['subject', added.subject],
          ['fingerprint', added.fingerprint],
          ['until', added.expires],
        ]),
        ...warningLines(paint, added.warnings),
        ...nextSteps(paint, [
          'compare the fingerprint with that of the CA',
          `${terminal.commandName} job list --organization ${organization}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

/** `windlass inspection-ca show`: one CA with its scope. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { withEtag } from '../etag.ts';
import { kindFact, scopeFacts } from '../inspection-ca-text.ts';
import { facts, type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly network: string;
}

export function inspectionCaShow(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'show',
    summary: 'one inspection CA of a network',
    description:
      'Shows an inspection CA: its scope, its state, what the lint warned about. The etag that --json prints is for --if-match of commands that change it.',
    examples: ['inspection-ca show 5E:8A:...:0F --organization acme --network plant-1 --dir ./service'],
  })
    .argument('<fingerprint>', 'SHA-256 of its certificate, with or without colons')
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(command).action(async (fingerprint: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network } = options;
    const found = await client.showInspectionCa({ organization, network, fingerprint });
    show(terminal, options, await withEtag(found), (ca, paint) =>
      [
        `${paint.bold(ca.subject)}: ${ca.state}`,
        facts(paint, [
          ['fingerprint', ca.fingerprint],
          ['in words', ca.words],
          kindFact(ca),
          ['replaces', ca.predecessor],
          ['replaced by', ca.successor],
          ...scopeFacts(ca),
          ["CA's own end", ca.notAfter],
          ['added', ca.added],
          ['approved', ca.approved],
          ['published', ca.published === null ? null : `since sequence ${ca.published}`],
          ['dropped', ca.dropped === null ? null : `with sequence ${ca.dropped}`],
        ]),
        ...warningLines(paint, ca.warnings),
      ].join('\n'),
    );
  });
}

/** `windlass publisher show`: one of the CAs under which an organization's profiles are signed. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { withEtag } from '../etag.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
}

export function publisherShow(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'show',
    summary: 'one publisher of an organization',
    description: 'Shows a publisher anchor. The etag that --json prints is for --if-match of publisher remove.',
    examples: ['publisher show 5E:8A:...:0F --organization acme --dir ./service'],
  })
    .argument('<fingerprint>', 'SHA-256 of its certificate, with or without colons')
    .requiredOption('--organization <name>', 'whose publisher');
  return withConnection(command).action(async (fingerprint: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization } = options;
    const found = await client.showPublisher({ organization, fingerprint });
    show(
      terminal,
      options,
      await withEtag(found),
      ({ subject, kind, state, expires, added, fingerprint: shown }, paint) =>
        [
          `${paint.bold(subject)}: ${state}`,
          facts(paint, [
            ['kind', kind],
            ['fingerprint', shown],
            ['until', expires],
            ['added', added],
          ]),
        ].join('\n'),
    );
  });
}

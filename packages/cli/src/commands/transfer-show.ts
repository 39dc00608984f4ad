/** `windlass transfer show`: how an offer stands. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { withEtag } from '../etag.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Options = ConnectionOptions & OutputOptions;

export function transferShow(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'show',
    summary: 'one offer of a device',
    description:
      'Shows an offer by or to the organization. The etag that --json prints is for --if-match of transfer accept and transfer revoke.',
    examples: ['transfer show 0123456789abcdef0123456789abcdef --organization acme --dir ./service'],
  })
    .argument('<id>', 'the transfer, of "transfer list"')
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(command).action(async (id: string, options: Options) => {
    const client = await connect(options, terminal);
    const found = await client.showTransfer({ id });
    show(terminal, options, await withEtag(found), ({ serial, from, to, state, offered, expires }, paint) =>
      [
        `Device ${paint.bold(serial)}: ${state}`,
        facts(paint, [
          ['from', from],
          ['to', to],
          ['offered', offered],
          ['expires', expires],
        ]),
      ].join('\n'),
    );
  });
}

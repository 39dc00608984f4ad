/** `windlass transfer revoke`: an offer stands no longer. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Options = ConnectionOptions & OutputOptions & IfMatchOptions;

export function transferRevoke(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'revoke',
    summary: 'end an offer that nobody accepted',
    description: 'Ends an offer of the own organization. By the approver. The device stays where it is.',
    examples: ['transfer revoke 0123456789abcdef0123456789abcdef --organization acme --dir ./service'],
  })
    .argument('<id>', 'the transfer, of "transfer list"')
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(withIfMatch(command, 'transfer show')).action(async (id: string, options: Options) => {
    const client = await connect(options, terminal);
    show(
      terminal,
      options,
      await client.revokeTransfer({ id }, { ifMatch: options.ifMatch }),
      ({ serial, to }, paint) => `Device ${paint.bold(serial)} is offered to ${to} no longer.`,
    );
  });
}

/** `windlass approval reject`: an act that waits is not done. */
import type { Command } from 'commander';
import { approvalText } from '../approval-text.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly reason?: string;
}

export function approvalReject(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'reject',
    summary: 'refuse what waits, or withdraw what you asked for',
    description:
      'Ends an act that waits for a second person: nothing of it is done. By any approver of the organization.',
    examples: [
      'approval reject 0123456789abcdef0123456789abcdef --reason "unknown box" --organization acme --dir ./service',
    ],
  })
    .argument('<id>', 'the approval, of "approval list"')
    .option('--reason <text>', 'why, for the audit and for who asked')
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(withIfMatch(command, 'approval show')).action(async (id: string, options: Options) => {
    const { reason } = options;
    const client = await connect(options, terminal);
    show(terminal, options, await client.reject({ id, reason }, { ifMatch: options.ifMatch }), approvalText);
  });
}

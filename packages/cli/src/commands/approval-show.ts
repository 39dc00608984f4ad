/** `windlass approval show`: exactly what a second person would approve. */
import type { Command } from 'commander';
import { approvalText } from '../approval-text.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { withEtag } from '../etag.ts';
import { nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Options = ConnectionOptions & OutputOptions;

export function approvalShow(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'show',
    summary: 'what exactly is to be approved',
    description: 'Shows one act: who asked for it and why, and what it changes, as the audit will tell it.',
    examples: ['approval show 0123456789abcdef0123456789abcdef --organization acme --dir ./service'],
  })
    .argument('<id>', 'the approval, of "approval list"')
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(command).action(async (id: string, options: Options) => {
    const client = await connect(options, terminal);
    show(terminal, options, await withEtag(await client.showApproval({ id })), (approval, paint) => {
      const where = `--organization ${approval.organization}${sameService(options)}`;
      return [
        approvalText(approval, paint),
        ...nextSteps(
          paint,
          approval.state !== 'waiting'
            ? []
            : [
                `by another approver than ${approval.requestedBy}: ${terminal.commandName} approval approve ${id} --reason "..." ${where}`,
                `or: ${terminal.commandName} approval reject ${id} --reason "..." ${where}`,
              ],
        ),
      ].join('\n');
    });
  });
}

/** `windlass approval approve`: what another approver asked for is done. */
import type { ApprovedAct, ManagementClient } from '@windlass/management';
import type { Command } from 'commander';
import { approvalText } from '../approval-text.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { UsageError } from '../errors.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { keepSecret } from '../files.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly reason?: string;
  readonly tokenFile?: string;
}

export function approvalApprove(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'approve',
    summary: 'do what another approver asked for',
    description:
      'Does the act that another approver asked for, exactly as "approval show" has it; the audit names both of you. Who asked cannot approve, with whatever token. Where the act makes a token, it is written once, to --token-file.',
    examples: [
      'approval approve 0123456789abcdef0123456789abcdef --reason "fingerprint read over the phone" --organization acme --dir ./service',
    ],
  })
    .argument('<id>', 'the approval, of "approval list"')
    .option('--reason <text>', 'what you looked at, for the audit')
    .option('--token-file <file>', 'where the token goes, when the act makes one; it must not exist')
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(withIfMatch(command, 'approval show')).action(async (id: string, options: Options) => {
    const client = await connect(options, terminal);
    const { tokenFile, ...approved } = await approveWith(client, id, options);
    show(terminal, options, { ...approved, ...(tokenFile && { tokenFile }) }, ({ approval }, paint) =>
      [approvalText(approval, paint), ...(tokenFile === undefined ? [] : [facts(paint, [['token', tokenFile]])])].join(
        '\n',
      ),
    );
  });
}

/** A token goes into its file and nowhere else. @throws UsageError when no file is named for it */
async function approveWith(
  client: ManagementClient,
  id: string,
  { reason, tokenFile, ifMatch }: Options,
): Promise<ApprovedAct & { readonly tokenFile?: string }> {
  const { act } = await client.showApproval({ id });
  if (act !== 'token.add') return client.approve({ id, reason }, { ifMatch });
  if (tokenFile === undefined) throw new UsageError('This makes a token: give --token-file, where it goes.');
  const { approval, result } = await keepSecret(tokenFile, 'token', async () => {
    const { approval, result } = await client.approve({ id, reason }, { ifMatch });
    const { token, ...rest } = result as { readonly token: string };
    return { approval, result: rest, token };
  });
  return { approval, result, tokenFile };
}

/** `windlass token revoke`: a token has ended, at once. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly reason?: string;
}

export function tokenRevoke(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'revoke',
    summary: 'end a token, at once',
    description:
      "The token is nobody's from now on. Everybody can end their own; an approver those of the organization, an admin those of the service.",
    examples: ['token revoke 1f0c9a2b --reason "laptop lost" --organization acme --dir ./service'],
  })
    .argument('<id>', 'the ID that "token list" and the audit show')
    .option('--organization <name>', 'of one of its people; left out, of one of the service')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (id: string, options: Options) => {
    const { organization, reason } = options;
    const client = await connect(options, terminal);
    const revoked = await client.revokeToken({ id, organization, reason });
    show(terminal, options, revoked, (ended, paint) => `Token ${paint.bold(ended.id)} of ${ended.person} has ended.`);
  });
}

/** `windlass session revoke`: a session has ended, at once. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly reason?: string;
}

export function sessionRevoke(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'revoke',
    summary: 'end a session, at once',
    description:
      "The session is nobody's from now on. Everybody can end their own; an approver those of the organization, an admin those of the service.",
    examples: ['session revoke 1f0c9a2b --reason "laptop lost" --organization acme --dir ./service'],
  })
    .argument('<id>', 'the ID that "session list" and the audit show')
    .option('--organization <name>', 'of one of its people; left out, of one of the service')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (id: string, options: Options) => {
    const { organization, reason } = options;
    const client = await connect(options, terminal);
    const revoked = await client.revokeSession({ id, organization, reason });
    show(terminal, options, revoked, (ended, paint) => `Session ${paint.bold(ended.id)} of ${ended.person} has ended.`);
  });
}

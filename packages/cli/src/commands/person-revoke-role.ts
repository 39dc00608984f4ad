/** `windlass person revoke-role`: one role less, and what was held for it has ended. */
import type { Role } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { type OutputOptions, show } from '../output.ts';
import { parseOneRole, roleHelp } from '../role.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly reason?: string;
}

export function personRevokeRole(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'revoke-role',
    summary: 'take a role from somebody',
    description:
      'The person does not have the role any more; their tokens and sessions with it end with this command. The last approver of an organization, and the last admin, keep theirs.',
    examples: ['person revoke-role bob@acme.example operator --organization acme --dir ./service'],
  })
    .argument('<name>', 'who')
    .argument('<role>', roleHelp, parseOneRole)
    .option('--organization <name>', 'one of its people; left out, one of the service')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'person show')).action(
    async (person: string, role: Role, options: Options) => {
      const { organization, reason } = options;
      const client = await connect(options, terminal);
      const left = await client.revokeRole({ person, role, organization, reason }, { ifMatch: options.ifMatch });
      show(terminal, options, left, ({ person: name, roles }, paint) => {
        const others = roles.length === 0 ? 'They have no role left.' : `They have the roles ${roles.join(', ')}.`;
        return `${paint.bold(name)} does not have the role ${role} any more: their tokens and sessions with it have ended. ${others}`;
      });
    },
  );
}

/** `windlass person grant`: one role more. */
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

export function personGrant(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'grant',
    summary: 'give somebody a role',
    description:
      'The person has the role as well. Tokens that they have stay as they are: each is for one role, so they need another one, or a new login.',
    examples: ['person grant bob@acme.example operator --organization acme --dir ./service'],
  })
    .argument('<name>', 'who')
    .argument('<role>', roleHelp, parseOneRole)
    .option('--organization <name>', 'one of its people; left out, one of the service')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'person show')).action(
    async (person: string, role: Role, options: Options) => {
      const { organization, reason } = options;
      const client = await connect(options, terminal);
      const granted = await client.grantRole({ person, role, organization, reason }, { ifMatch: options.ifMatch });
      show(
        terminal,
        options,
        granted,
        ({ person: name, roles }, paint) => `${paint.bold(name)} has the roles ${roles.join(', ')}.`,
      );
    },
  );
}

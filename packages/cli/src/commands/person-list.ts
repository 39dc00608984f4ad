/** `windlass person list`: the people of an organization, or of the service, with their roles. */
import type { Role } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import { parseOneRole, roleHelp } from '../role.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly role?: Role;
}

export function personList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the people of an organization, or of the service, and their roles',
    description: 'Lists people with their roles, those who are disabled too.',
    examples: ['person list --organization acme --dir ./service', 'person list --dir ./service'],
  })
    .option('--organization <name>', 'its people; left out, those of the service')
    .option('--role <role>', roleHelp, parseOneRole);
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const { organization, role } = options;
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listPeople({ organization, role, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'PERSON', cell: ({ person }) => person },
            { title: 'ROLES', cell: ({ roles }) => (roles.length === 0 ? '-' : roles.join(', ')) },
            { title: 'SINCE', cell: ({ created }) => created },
            { title: 'DISABLED', cell: ({ disabled }) => disabled ?? '-' },
          ],
          `Nobody is here yet: ${terminal.commandName} person add NAME --role ROLE`,
        ),
    );
  });
}

/** `windlass person list`: the people of an organization, or of the service, with their roles. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {}

export function personList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the people of an organization, or of the service, and their roles',
    description: 'Lists people with their roles, those who are disabled too.',
    examples: ['person list --organization acme --dir ./service', 'person list --dir ./service'],
  }).option('--organization <name>', 'its people; left out, those of the service');
  return withConnection(command).action(async (options: Options) => {
    const { organization } = options;
    const client = await connect(options, terminal);
    const people = await client.listPeople({ organization });
    show(terminal, options, people, ({ items }, paint) =>
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

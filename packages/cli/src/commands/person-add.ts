/** `windlass person add`: somebody is one of an organization's people, or of the service's. */
import type { Role } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import { parseRole, roleHelp } from '../role.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly role: readonly Role[];
  readonly reason?: string;
}

export function personAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'make somebody one of the people of an organization, or of the service',
    description:
      "The person has these roles from now on; one who was disabled is enabled again. An organization's people are added by its approver, with --organization; people of the service (role admin) by an admin. Where the service has a login, a person whose name is their e-mail address can log in; everybody else is given a token.",
    examples: [
      'person add ann@acme.example --role approver --organization acme --dir ./service',
      'person add bob@acme.example --role network-admin operator --organization acme --dir ./service',
    ],
  })
    .argument('<name>', 'an e-mail address or a name')
    .requiredOption('--role <role...>', roleHelp, parseRole)
    .option('--organization <name>', 'one of its people; left out, one of the service')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (person: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, reason, role } = options;
    const added = await client.addPerson({
      person,
      roles: [...role],
      organization,
      reason,
    });
    show(terminal, options, added, ({ person: name, organization: of, roles }, paint) =>
      [
        `${paint.bold(name)} is one of the people of ${of ?? 'the service'}.`,
        facts(paint, [['roles', roles.join(', ')]]),
        ...nextSteps(paint, [
          `${terminal.commandName} token add NAME --person ${name}${of === null ? '' : ` --organization ${of}`} --token-file FILE${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

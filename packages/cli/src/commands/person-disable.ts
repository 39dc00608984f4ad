/** `windlass person disable`: somebody may do nothing here any more, at once. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly reason?: string;
}

export function personDisable(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'disable',
    summary: 'end everything that somebody may do, at once',
    description:
      'All tokens and sessions of the person, in this organization or in the service, end with this command and do not come back. "person add" with the same name enables them again. The last approver of an organization, and the last admin, cannot be disabled.',
    examples: ['person disable bob@acme.example --reason "left the company" --organization acme --dir ./service'],
  })
    .argument('<name>', 'who')
    .option('--organization <name>', 'one of its people; left out, one of the service')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'person show')).action(async (person: string, options: Options) => {
    const { organization, reason } = options;
    const client = await connect(options, terminal);
    const disabled = await client.disablePerson({ person, organization, reason }, { ifMatch: options.ifMatch });
    show(
      terminal,
      options,
      disabled,
      ({ person: name, organization: of }, paint) =>
        `${paint.bold(name)} may do nothing ${of === null ? 'in the service' : `in ${of}`} any more: all their tokens and sessions have ended.`,
    );
  });
}

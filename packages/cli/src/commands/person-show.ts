/** `windlass person show`: what somebody may do. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { withEtag } from '../etag.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Options = ConnectionOptions & OutputOptions;

export function personShow(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'show',
    summary: 'one person and their roles',
    description:
      'Shows a person of an organization, or of the service. The etag that --json prints is for --if-match of commands that change the person.',
    examples: ['person show bob@acme.example --organization acme --dir ./service'],
  })
    .argument('<name>', 'who')
    .option('--organization <name>', 'one of its people; left out, one of the service');
  return withConnection(command).action(async (person: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization } = options;
    const found = await client.showPerson({ person, organization });
    show(terminal, options, await withEtag(found), ({ person: name, roles, created, disabled }, paint) =>
      [
        paint.bold(name),
        facts(paint, [
          ['roles', roles.length === 0 ? 'none' : roles.join(', ')],
          ['since', created],
          ['disabled', disabled],
        ]),
      ].join('\n'),
    );
  });
}

/** `windlass token list`: which tokens there are, whose, until when, and when they were last used. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly active?: boolean;
  readonly person?: string;
}

export function tokenList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'which tokens there are, whose, until when, and when they were last used',
    description: 'Lists tokens without their secret, those that have ended too. The ID is how the audit names a token.',
    examples: [
      'token list --organization acme --dir ./service',
      'token list --person bob@acme.example --organization acme --dir ./service',
    ],
  })
    .option('--organization <name>', 'those of its people; left out, those of the service')
    .option('--person <name>', 'those of one person')
    .option('--active', 'only those that have not ended');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const { organization, person, active } = options;
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listTokens({ organization, person, active, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'ID', cell: ({ id }) => id },
            { title: 'PERSON', cell: (token) => token.person },
            { title: 'NAME', cell: ({ name }) => name },
            { title: 'ROLE', cell: ({ role }) => role },
            {
              title: 'UNTIL',
              cell: ({ expires, revoked }) => (revoked === null ? (expires ?? 'no end') : `revoked ${revoked}`),
            },
            { title: 'LAST USED', cell: ({ lastUsed }) => lastUsed ?? 'never' },
          ],
          'There is no token.',
        ),
    );
  });
}

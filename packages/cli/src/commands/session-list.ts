/** `windlass session list`: who is logged in. */
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

export function sessionList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'who is logged in, and when they last did something',
    description:
      'Lists sessions of people who logged in with the browser, those that have ended too. A session ends 12 hours after the login, an hour after it was last used, or when it is revoked.',
    examples: ['session list --organization acme --dir ./service'],
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
      (page) => client.listSessions({ organization, person, active, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'ID', cell: ({ id }) => id },
            { title: 'PERSON', cell: (session) => session.person },
            { title: 'ROLE', cell: ({ role }) => role },
            { title: 'SINCE', cell: ({ created }) => created },
            { title: 'UNTIL', cell: ({ expires, revoked }) => (revoked === null ? expires : `revoked ${revoked}`) },
            { title: 'LAST USED', cell: ({ lastUsed }) => lastUsed },
          ],
          'Nobody has logged in.',
        ),
    );
  });
}

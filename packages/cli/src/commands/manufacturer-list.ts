/** `windlass manufacturer list`: whose device identities the service accepts. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

export function manufacturerList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'whose device identities are accepted',
    description: "Lists the manufacturers whose devices the service accepts. Run by the service's operator.",
    examples: ['manufacturer list --dir ./service'],
  });
  return withConnection(withPaging(command)).action(async (options: ConnectionOptions & ListOptions) => {
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listManufacturers(page),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'MANUFACTURER', cell: ({ name }) => name },
            { title: 'CA', cell: ({ subject }) => subject },
            { title: 'ENDS', cell: ({ notAfter }) => notAfter },
            { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint },
          ],
          `No manufacturer is known yet: add one with ${terminal.commandName} manufacturer add.`,
        ),
    );
  });
}

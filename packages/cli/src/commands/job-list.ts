/** `windlass job list`: work that goes on after the command that asked for it. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { whatOf } from '../job-text.ts';
import { type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

export function jobList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'jobs, and how far they are',
    description: 'Lists the last jobs, newest first: claims that are signed anew, and kill switches.',
    examples: ['job list --organization acme --dir ./service'],
  }).option('--organization <name>', "only this organization's, seen as its approver");
  return withConnection(command).action(async (options: ConnectionOptions & OutputOptions) => {
    const client = await connect(options, terminal);
    const { organization } = options;
    show(terminal, options, await client.listJobs({ organization }), ({ items }, paint) =>
      table(
        paint,
        items,
        [
          { title: 'JOB', cell: ({ id }) => String(id) },
          { title: 'ORGANIZATION', cell: (job) => job.organization },
          { title: 'STATE', cell: ({ state }) => state },
          { title: 'SIGNED', cell: ({ done, total }) => `${done} of ${total}` },
          { title: 'SINCE', cell: ({ created }) => created },
          { title: 'WHAT', cell: whatOf },
        ],
        'There was no job yet.',
      ),
    );
  });
}

/** `windlass job list`: work that goes on after the command that asked for it. */
import type { Job } from '@windlass/management';
import { type Command, Option } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { whatOf } from '../job-text.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

const states: readonly Job['state'][] = ['running', 'waiting', 'done'];

interface Options extends ConnectionOptions, ListOptions {
  readonly state?: Job['state'];
}

export function jobList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'jobs, and how far they are',
    description: 'Lists the last jobs, newest first: claims that are signed anew, and kill switches.',
    examples: ['job list --organization acme --dir ./service'],
  })
    .option('--organization <name>', "only this organization's, seen as its approver")
    .addOption(new Option('--state <state>', 'only those in this state').choices(states));
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, state: only } = options;
    await showList(
      terminal,
      options,
      (page) => client.listJobs({ organization, state: only, ...page }),
      (items, paint) =>
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

/** `windlass job show`: how far a job is, and what it waits for. */
import type { Command } from 'commander';
import { newCommand, parseWholeNumber } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { jobText } from '../job-text.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

export function jobShow(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'show',
    summary: 'how far a job is, and what it waits for',
    description:
      'Shows one job: how many claims and profiles are signed, who asked for it and why, and what has to be done first where it waits.',
    examples: ['job show 3 --organization acme --dir ./service'],
  })
    .argument('<job>', 'its number', (text: string) =>
      parseWholeNumber(text, { from: 1, to: 999_999_999, what: 'the number of a job' }),
    )
    .option('--organization <name>', 'whose job, seen as its approver');
  return withConnection(command).action(async (job: number, options: ConnectionOptions & OutputOptions) => {
    const client = await connect(options, terminal);
    const { organization } = options;
    const { items } = await client.listJobs({ job, organization });
    const [found] = items;
    if (found === undefined) throw new CommandError(`There is no job ${job}: list them, and check the number.`);
    show(terminal, options, found, jobText);
  });
}

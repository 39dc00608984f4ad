/** `windlass observation ignore`: nobody has to look at it until then. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { observationText } from '../observation-text.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly until: string;
  readonly reason?: string;
}

export function observationIgnore(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'ignore',
    summary: 'put an observation aside until a date',
    description:
      'Leaves an observation out of the list until a date, a year ahead at most: a guest network, a box that goes. It is there with "observation list --all", and nothing else changes. Run with the token of a network admin or an approver.',
    examples: [
      'observation ignore 3f1c...9a --until 2027-01-31 --reason "guest network" --organization acme --dir ./service',
    ],
  })
    .argument('<observation>', 'as "observation list" names it')
    .requiredOption('--organization <name>', 'whose devices met it')
    .requiredOption('--until <date>', '2027-01-31 or 2027-01-31T08:00:00Z')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (observation: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, until, reason } = options;
    const answer = await client.ignoreObservation({ organization, observation, until, reason });
    show(terminal, options, answer, (found, paint) => ['It is put aside.', observationText(found, paint)].join('\n'));
  });
}

/** `windlass observation clear`: it is as when it was first seen. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { observationText } from '../observation-text.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly reason?: string;
}

export function observationClear(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'clear',
    summary: 'take back what was said of an observation',
    description:
      "Takes back whatever was said of an observation: its link, the question, that it is ignored or hostile. Run with the approver's token.",
    examples: ['observation clear 3f1c...9a --reason "it is ours" --organization acme --dir ./service'],
  })
    .argument('<observation>', 'as "observation list" names it')
    .requiredOption('--organization <name>', 'whose devices met it')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (observation: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, reason } = options;
    const answer = await client.clearObservation({ organization, observation, reason });
    show(terminal, options, answer, (found, paint) =>
      ['Nothing is said of it any more.', observationText(found, paint)].join('\n'),
    );
  });
}

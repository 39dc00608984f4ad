/** `windlass observation ask`: the approvers have an alert with a note. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { observationText } from '../observation-text.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly note: string;
  readonly reason?: string;
}

export function observationAsk(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'ask',
    summary: 'ask the approvers about an observation',
    description:
      'Leaves a note for the approvers of the organization, who have an alert with it ("alert list"). Run with the token of a network admin or an approver.',
    examples: ['observation ask 3f1c...9a --note "Is this the new box of hall 2?" --organization acme --dir ./service'],
  })
    .argument('<observation>', 'as "observation list" names it')
    .requiredOption('--organization <name>', 'whose devices met it')
    .requiredOption('--note <text>', 'what you want to know, 500 characters at most')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (observation: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, note, reason } = options;
    const answer = await client.askAboutObservation({ organization, observation, note, reason });
    show(terminal, options, answer, (found, paint) =>
      ['The approvers are asked: it is among their alerts.', observationText(found, paint)].join('\n'),
    );
  });
}

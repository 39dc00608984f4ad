/** `windlass observation hostile`: its key is kept out. */
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

export function observationHostile(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'hostile',
    summary: 'say that an observation is an attack',
    description:
      'Marks an observation as hostile: the approvers have an alert, and until one of them clears it, no CA with its key, or that signed it, can be added or approved as an inspection CA of the organization. A CA that is approved already is named in the alert and stays: revoke it. Run with the token of a network admin or an approver.',
    examples: ['observation hostile 3f1c...9a --reason "nobody here runs it" --organization acme --dir ./service'],
  })
    .argument('<observation>', 'as "observation list" names it')
    .requiredOption('--organization <name>', 'whose devices met it')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (observation: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, reason } = options;
    const answer = await client.markObservationHostile({ organization, observation, reason });
    show(terminal, options, answer, (found, paint) =>
      [
        'It is marked hostile: no inspection CA with its key is taken or approved until an approver clears it.',
        observationText(found, paint),
      ].join('\n'),
    );
  });
}

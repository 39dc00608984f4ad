/** `windlass observation link`: which registered CA is behind what devices met. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { observationText } from '../observation-text.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly network: string;
  readonly fingerprint: string;
  readonly reason?: string;
}

export function observationLink(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'link',
    summary: 'say which registered CA is behind an observation',
    description:
      'Names the registered inspection CA behind an observation, so that whoever looks at it next sees that, and what became of the CA. It is refused unless the key of that CA was presented, or signed what was presented. It approves nothing. Run with the token of a network admin or an approver.',
    examples: [
      'observation link 3f1c...9a --network plant-1 --fingerprint 5E:8A:...:0F --organization acme --dir ./service',
    ],
  })
    .argument('<observation>', 'as "observation list" names it')
    .requiredOption('--organization <name>', 'whose devices met it')
    .requiredOption('--network <name>', 'which network has the CA')
    .requiredOption('--fingerprint <fingerprint>', 'the CA: SHA-256 of its certificate')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(command).action(async (observation: string, options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network, fingerprint, reason } = options;
    const answer = await client.linkObservation({ organization, observation, network, fingerprint, reason });
    show(terminal, options, answer, (found, paint) =>
      [
        'It is linked. Devices trust the CA when it is approved and published, not by this.',
        observationText(found, paint),
      ].join('\n'),
    );
  });
}

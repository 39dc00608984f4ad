/** `windlass profile diff`: exactly what the next publication would change, before anybody signs it. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { facts, nextSteps, type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { changeLines } from './profile-draft.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly network: string;
}

export function profileDiff(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'diff',
    summary: 'what the next publication of a network would change',
    description:
      'Shows what differs from what devices have: inspection CAs that come, go, or get other names or dates, keys to be dropped, endpoints. Nothing changes. The command that it prints publishes exactly this, and is refused when something changed in between.',
    examples: ['profile diff --organization acme --network plant-1 --dir ./service'],
  })
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(command).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network } = options;
    const where = `--organization ${organization} --network ${network}`;
    show(terminal, options, await client.draftProfile({ organization, network }), (draft, paint) =>
      [
        `The next publication of ${paint.bold(network)} is epoch ${draft.epoch}, sequence ${draft.sequence}:`,
        ...changeLines(draft.changes),
        facts(paint, [
          ['inspection CAs', String(draft.inspectionCas.length)],
          ['content', draft.content],
        ]),
        ...warningLines(paint, draft.warnings),
        ...nextSteps(paint, [
          draft.signedBy === 'service'
            ? `${terminal.commandName} profile publish ${where} --expect ${draft.content} --reason "..."${sameService(options)}`
            : `${terminal.commandName} profile draft ${where} --publisher-certificate FILE --out FILE${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

/** `windlass publisher remove`: devices no longer accept profiles under this CA. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly reason?: string;
}

export function publisherRemove(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'remove',
    summary: 'take a publisher off an organization',
    description:
      "Every claim of the organization is signed anew and no longer names this publisher anchor. Refused while it is the last one, or while a profile that devices get is signed under it. When its key was stolen, use organization kill-switch. Run with the approver's token.",
    examples: ['publisher remove 5E:8A:...:0F --organization acme --reason "replaced by our own" --dir ./service'],
  })
    .argument('<fingerprint>', 'SHA-256 of its certificate, with or without colons')
    .requiredOption('--organization <name>', 'whose publisher')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'publisher show')).action(
    async (fingerprint: string, options: Options) => {
      const client = await connect(options, terminal);
      const { organization, reason } = options;
      show(
        terminal,
        options,
        await client.removePublisher({ organization, fingerprint, reason }, { ifMatch: options.ifMatch }),
        (removed, paint) =>
          [
            `The publisher anchor is off ${paint.bold(organization)}. Its claims are being signed anew without it.`,
            facts(paint, [
              ['kind', removed.kind],
              ['subject', removed.subject],
              ['fingerprint', removed.fingerprint],
            ]),
            ...nextSteps(paint, [
              `${terminal.commandName} job list --organization ${organization}${sameService(options)}`,
            ]),
          ].join('\n'),
      );
    },
  );
}

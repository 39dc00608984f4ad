/** `windlass signer install`: signing certificates that were issued offline are in place, and used when their time comes. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly dir: string;
}

export function signerInstall(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'install',
    summary: 'put issued signing certificates into the service',
    description:
      'Checks what "signer issue" made against the service\'s anchor and puts it where the service finds it. A running service takes it up by itself.',
    examples: ['signer install ./new-responders --dir ./service'],
  })
    .argument('<directory>', 'what "signer issue" made')
    .option('--dir <directory>', "the service's directory", '.')
    .action(async (directory: string, options: Options) => {
      const { installSigners } = await import('@windlass/service');
      const installed = await installSigners({ from: directory, dir: options.dir });
      show(terminal, options, installed, (made) =>
        [`${made.signers.length} certificate(s) are installed in ${options.dir}.`].join('\n'),
      );
    });
}

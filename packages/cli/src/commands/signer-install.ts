/** `windlass signer install`: what was issued or revoked offline is in place: certificates are used when their time comes, lists at once. */
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
    summary: 'put signing certificates, or a revocation list, into the service',
    description:
      'Checks what "signer issue" made against the service\'s anchor and puts it where the service finds it; a responder waits on the management side until it is due within a month. Or checks the revocation list that "signer revoke" wrote, and puts it in the place of the older one. A running service takes it up by itself. Without a path only what is due is handed to the device side: run that as root each day where the two sides are two users.',
    examples: [
      'signer install ./new-responders --dir ./service',
      'signer install ./revocations.pem --dir ./service',
      'signer install --dir ./service',
    ],
  })
    .argument('[path]', 'the directory that "signer issue" made, or the file that "signer revoke" wrote')
    .option('--dir <directory>', "the service's directory", '.')
    .action(async (path: string | undefined, options: Options) => {
      const { installSigners } = await import('@windlass/service');
      const installed = await installSigners({
        dir: options.dir,
        ...(path === undefined ? {} : { from: path }),
      });
      show(terminal, options, installed, (made, paint) =>
        [
          ...(made.revocations.length > 0
            ? []
            : [`${made.signers.length} certificate(s) are installed in ${options.dir}.`]),
          ...made.revocations.map(
            ({ number, entries }) =>
              `Revocation list number ${number} is in force in ${options.dir}: ${entries} certificate(s) are revoked.`,
          ),
          ...warningLines(paint, made.warnings),
        ].join('\n'),
      );
    });
}

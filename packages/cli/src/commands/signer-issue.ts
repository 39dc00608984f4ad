/** `windlass signer issue`: with the anchor's key, offline: new certificates for the service's online signers. */
import { type Command, Option } from 'commander';
import { newCommand, parseWholeNumber } from '../command.ts';
import { shellWord } from '../connection.ts';
import { nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly anchorKey: string;
  readonly anchor?: string;
  readonly role: 'responder' | 'claim-authority';
  readonly count?: number;
  readonly out: string;
}

export function signerIssue(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'issue',
    summary: "issue signing certificates with the anchor's key, offline",
    description:
      'Makes keys and certificates for the service\'s signers with the key of the service anchor. Run it where that key is kept, carry the directory to the service, and install it there with "signer install".',
    examples: [
      'signer issue --anchor-key ./offline/service-anchor.key --role responder --count 12 --out ./new-responders',
    ],
  })
    .requiredOption('--anchor-key <file>', "the service anchor's key, from offline/")
    .option(
      '--anchor <file>',
      "the service anchor's certificate (default: service-anchor.pem beside the key, or above it)",
    )
    .addOption(
      new Option('--role <role>', 'what they sign').choices(['responder', 'claim-authority']).makeOptionMandatory(),
    )
    .option('--count <number>', 'how many, each for the time after the one before (default: 1)', (text) =>
      parseWholeNumber(text, { from: 1, to: 120, what: 'a number' }),
    )
    .requiredOption('--out <directory>', 'the new directory for keys and certificates')
    .action(async (options: Options) => {
      const { issueSigners } = await import('@windlass/service');
      const { json: _json, ...wanted } = options;
      const issued = await issueSigners(wanted);
      show(terminal, options, issued, (made, paint) =>
        [
          `${made.signers.length} ${options.role} certificate(s) are in ${options.out}.`,
          ...made.signers.map(({ from, until }) => `  ${from} to ${until}`),
          ...nextSteps(paint, [
            `${terminal.commandName} signer install ${shellWord(options.out)} --dir DIRECTORY    (where the service runs)`,
          ]),
        ].join('\n'),
      );
    });
}

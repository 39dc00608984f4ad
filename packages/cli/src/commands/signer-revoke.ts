/** `windlass signer revoke`: with the anchor's key, offline: certificates that were stolen are on the anchor's revocation list. */
import type { Command } from 'commander';
import { collect, newCommand } from '../command.ts';
import { shellWord } from '../connection.ts';
import { UsageError } from '../errors.ts';
import { nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly anchorKey: string;
  readonly anchor?: string;
  readonly certificate?: readonly string[];
  readonly serial?: readonly string[];
  readonly list?: string;
}

export function signerRevoke(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'revoke',
    summary: "revoke signing certificates with the anchor's key, offline",
    description:
      'Puts certificates that the service anchor issued on its revocation list, for ever: devices refuse what those keys sign, from the moment they have the list. Run it where the anchor\'s key is kept, carry the list to the service, and install it there with "signer install". Install new signers before: who is on the list signs nothing any more. What is on the list already stays as it is.',
    examples: [
      'signer revoke --anchor-key ./offline/service-anchor.key --certificate ./stolen/001.pem ./stolen/002.pem',
      'signer revoke --anchor-key ./offline/service-anchor.key --serial 2F0D96C1A7E84B35B1C6D20F4E8A9B71',
    ],
  })
    .requiredOption('--anchor-key <file>', "the service anchor's key, from offline/")
    .option('--certificate <file...>', 'certificates to revoke, as "signer issue" made them', collect)
    .option('--serial <hex...>', 'serial numbers of certificates that are not at hand', collect)
    .option(
      '--anchor <file>',
      "the service anchor's certificate (default: service-anchor.pem beside the key, or above it)",
    )
    .option('--list <file>', "the anchor's revocation list (default: revocations.pem beside the key)")
    .action(async (options: Options) => {
      const { certificate: certificates, serial: serials, json: _json, ...places } = options;
      if (certificates === undefined && serials === undefined)
        throw new UsageError('Whom to revoke? Give --certificate with a file, or --serial.');
      const { revokeSigners } = await import('@windlass/service');
      const revoked = revokeSigners({
        ...places,
        ...(certificates === undefined ? {} : { certificates }),
        ...(serials === undefined ? {} : { serials }),
      });
      show(terminal, options, revoked, ({ list, number, entries, added, before }, paint) =>
        [
          added.length === 0
            ? `Nothing changed, all of them are on the list already: ${list} is number ${number}, with ${entries} certificate(s).`
            : `${added.length} certificate(s) are revoked: ${list} is number ${number} now, with ${entries} certificate(s).`,
          ...added.map((serial) => `  ${serial}`),
          ...(added.length === 0 ? [] : before.map((serial) => `  ${serial} (was on it before)`)),
          ...nextSteps(paint, [
            `${terminal.commandName} signer install ${shellWord(list)} --dir DIRECTORY    (where the service runs)`,
          ]),
        ].join('\n'),
      );
    });
}

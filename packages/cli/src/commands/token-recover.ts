/** `windlass token recover`: where the service runs, a token for somebody who lost theirs. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { keepSecret } from '../files.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly dir: string;
  readonly tokenFile: string;
  readonly organization?: string;
  readonly person?: string;
  readonly reason?: string;
}

export function tokenRecover(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'recover',
    summary: 'where the service runs: a token for an approver or admin who lost theirs',
    description:
      "Makes a token beside the management API, for who can write the service's database: the approver of --organization, or an admin. It holds for 90 days. The audit tells of it, and the organization sees it there. Other tokens stay: revoke what was lost with it. Works while the service runs.",
    examples: [
      'token recover --organization acme --reason "laptop lost, asked by telephone" --token-file ./acme-approver-token --dir ./service',
      'token recover --token-file ./admin-token --dir ./service',
    ],
  })
    .requiredOption('--dir <directory>', "the service's directory")
    .requiredOption('--token-file <file>', 'where the token goes; it must not exist')
    .option('--organization <name>', 'a token of its approver; left out, one of an admin')
    .option('--person <name>', 'who (default: the person of the first token, like acme-approver)')
    .option('--reason <text>', 'why, for the audit')
    .action(async ({ dir, tokenFile, organization, person, reason, ...output }: Options) => {
      const { recoverToken } = await import('@windlass/service');
      const made = await keepSecret(tokenFile, 'token', () =>
        recoverToken({
          dir,
          ...(organization === undefined ? {} : { organization }),
          ...(person === undefined ? {} : { person }),
          ...(reason === undefined ? {} : { reason }),
        }),
      );
      show(terminal, output, { ...made, tokenFile }, ({ id, person: who, role, organization: of, expires }, paint) =>
        [
          `Token ${paint.bold(id)} of ${who} is in ${tokenFile} (readable for you alone).`,
          facts(paint, [
            ['role', of === null ? role : `${role} of ${of}`],
            ['valid until', expires],
          ]),
          ...nextSteps(paint, [
            `${terminal.commandName} token list${of === null ? '' : ` --organization ${of}`}     and token revoke ID for what was lost`,
          ]),
        ].join('\n'),
      );
    });
}

/** `windlass token add`: a token of a person, in a file and nowhere else. */
import type { MAX_TOKEN_DAYS, Role } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand, parseWholeNumber } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { keepSecret } from '../files.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import { parseOneRole } from '../role.ts';
import type { Terminal } from '../terminal.ts';

/** Written out, so that no command loads the client before it connects. */
const maxDays: typeof MAX_TOKEN_DAYS = 400;

interface Options extends ConnectionOptions, OutputOptions {
  readonly tokenFile: string;
  readonly person?: string;
  readonly role?: Role;
  readonly days?: number;
}

export function tokenAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'make a token for yourself, or for one of your people',
    description:
      'Makes a token for one role of one person. It is written once, to --token-file, readable for you alone; the service keeps its digest. It ends after --days. Run by an approver for their organization, or by an admin for the service. Of another approver or admin only the first token can be made: whoever decides holds their own.',
    examples: [
      'token add ci --person bob@acme.example --role operator --days 30 --token-file ./bob-token --organization acme --dir ./service',
      'token add laptop --token-file ./my-token --organization acme --dir ./service',
    ],
  })
    .argument('<name>', 'what you call it, to know it again in "token list"')
    .requiredOption('--token-file <file>', 'where the token goes; it must not exist')
    .option('--person <name>', 'whose it is (default: yours)')
    .option('--role <role>', "one of the person's roles; needed when they have more than one", parseOneRole)
    .option('--days <number>', `how long it holds, 1 to ${maxDays} (default: 90)`, (text) =>
      parseWholeNumber(text, { from: 1, to: maxDays, what: 'a number' }),
    )
    .option('--organization <name>', 'for one of its people; left out, for one of the service');
  return withConnection(command).action(async (name: string, options: Options) => {
    const { organization, person, role, days, tokenFile } = options;
    const client = await connect(options, terminal);
    const added = await keepSecret(tokenFile, 'token', () =>
      client.addToken({ name, organization, person, role, days }),
    );
    show(terminal, options, { ...added, tokenFile }, (made, paint) =>
      [
        `Token ${paint.bold(made.id)} of ${made.person} is in ${made.tokenFile} (readable for you alone).`,
        facts(paint, [
          ['role', made.organization === null ? made.role : `${made.role} of ${made.organization}`],
          ['valid until', made.expires],
        ]),
        ...nextSteps(paint, [`hand it to ${made.person}, who puts it into the environment as WINDLASS_TOKEN`]),
      ].join('\n'),
    );
  });
}

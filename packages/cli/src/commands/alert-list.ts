/** `windlass alert list`: what somebody should look at. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly since?: string;
  readonly organization?: string;
}

const meanings: Readonly<Record<string, string>> = {
  'claimed-again': 'a device that has an owner, or whose code was used',
  'claim-attempts': 'too many wrong claim codes',
  'manifest-conflict': 'a manifest contradicts what is known',
  'observation-asked': 'somebody asks about a proxy that devices met',
  'observation-hostile': 'a proxy that devices met is said to be hostile',
};

export function alertList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'what somebody should look at',
    description:
      'Lists what looks like a copied device, a mixed-up manifest or somebody who guesses codes, and what people ask or warn of, newest first: claimed-again, claim-attempts, manifest-conflict, observation-asked, observation-hostile. Each is an entry of the audit, with its number. A device that came with another key than the known one is in "device show" (refused).',
    examples: ['alert list --dir ./service'],
  })
    .option('--organization <name>', "only its alerts, seen with its approver's token")
    .option('--since <date>', 'only those since then: 2027-01-31 or 2027-01-31T08:00:00Z');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const { organization, since } = options;
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listAlerts({ organization, since, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'AUDIT', cell: ({ id }) => String(id) },
            { title: 'TIME', cell: ({ time }) => time },
            { title: 'ALERT', cell: ({ kind }) => kind },
            { title: 'OBJECT', cell: ({ object }) => object },
            { title: 'BY', cell: ({ actor }) => actor },
            { title: 'MEANING', cell: ({ kind }) => meanings[kind] ?? '' },
          ],
          'There is no alert.',
        ),
    );
  });
}

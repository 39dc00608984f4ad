/** `windlass observation list`: who intercepts devices and is not approved; the queue that a security admin decides about. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { observationText } from '../observation-text.ts';
import { nextSteps } from '../output.ts';
import type { Paint, Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly organization?: string;
}

export function observationList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'proxies that devices met and nobody approved',
    description:
      'Lists the chains that claimed devices were presented and that no published inspection CA had signed, grouped by who signed them. An observation is never trusted by itself, whatever is said of it: "observation link", "ask", "ignore", "hostile". With --all those are there too that are to be ignored now, or are only remembered.',
    examples: ['observation list --organization acme --dir ./service'],
  }).option('--organization <name>', 'only those of its devices, seen as its approver');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, all } = options;
    await showList(
      terminal,
      options,
      (page) => client.listObservations({ organization, all, ...page }),
      (items, paint) =>
        items.length === 0
          ? 'Nothing is waiting: every chain that claimed devices met was signed by a published inspection CA.'
          : [
              ...items.map((item) => `${observationText(item, paint)}\n`),
              ...approvalSteps(paint, terminal.commandName, organization ?? 'ORGANIZATION', sameService(options)),
            ].join('\n'),
    );
  });
}

function approvalSteps(paint: Paint, commandName: string, organization: string, service: string): readonly string[] {
  return nextSteps(paint, [
    'ask who runs this proxy; if it is yours, export its CA from its administration (names prove nothing, the key does)',
    `${commandName} inspection-ca add FILE --permit NAME --organization ${organization} --network NETWORK${service}`,
    `${commandName} inspection-ca approve FINGERPRINT --words "..." --organization ${organization} --network NETWORK${service}`,
    `${commandName} profile publish --organization ${organization} --network NETWORK${service}`,
  ]).slice(1);
}

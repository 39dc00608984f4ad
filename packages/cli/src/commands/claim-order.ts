/** `windlass claim order`: every device of an order belongs to the organization that ordered it. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import { spaced, startProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly network?: string;
}

export function claimOrder(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'order',
    summary: 'claim the devices of an order',
    description:
      "Claims, for the organization that ordered them, every device of the manifest with this order number that nobody owns. Only the service's operator can do this. Their claim codes are dead afterwards. It may be ended at any time and run again.",
    examples: ['claim order PO-1234 --organization acme --network plant-1 --dir ./service'],
  })
    .argument('<order>', 'the order number, as the manifest has it')
    .requiredOption('--organization <name>', 'whose they become')
    .option('--network <name>', 'the network they are on when nothing shows which one');
  return withConnection(command).action(async (order: string, options: Options) => {
    const { organization, network, ...service } = options;
    // With --dir the admin's token, not that of the organization that is named here.
    const client = await connect(service, terminal);
    const progress = startProgress(terminal);
    const claimed: string[] = [];
    try {
      let more = true;
      while (more) {
        const part = await client.claimOrder({ order, organization, network });
        claimed.push(...part.claimed);
        more = part.more;
        progress.show(`claimed: ${spaced(claimed.length)}`);
      }
    } finally {
      progress.end();
    }
    show(terminal, options, { order, organization, claimed }, (done, paint) =>
      done.claimed.length === 0
        ? `Nothing changed: every device of order ${order} has an owner.`
        : [
            `${paint.bold(spaced(done.claimed.length))} device(s) of order ${order} belong to ${paint.bold(organization)}.`,
            facts(paint, [
              ['first', done.claimed[0] ?? null],
              ['last', done.claimed.at(-1) ?? null],
            ]),
          ].join('\n'),
    );
  });
}

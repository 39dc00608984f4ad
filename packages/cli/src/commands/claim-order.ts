/** `windlass claim order`: every device of an order belongs to the organization that ordered it. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { exitCodes } from '../errors.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import { spaced, startProgress } from '../progress.ts';
import type { Paint, Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly network?: string;
}

export function claimOrder(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'order',
    summary: 'claim the devices of an order',
    description:
      "Claims, for the organization that ordered them, every device of the manifest with this order number that nobody owns. Only the service's operator can do this. Their claim codes are dead afterwards. Devices that need a label proof are not claimed by an order: each needs its own code. It may be ended at any time and run again.",
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
    let unproved = 0;
    try {
      let more = true;
      while (more) {
        const part = await client.claimOrder({ order, organization, network });
        claimed.push(...part.claimed);
        ({ more, unproved } = part);
        progress.show(`claimed: ${spaced(claimed.length)}`);
      }
    } finally {
      progress.end();
    }
    if (unproved > 0) terminal.exitWith(exitCodes.failure);
    show(terminal, options, { order, organization, claimed, unproved }, (done, paint) => storyOf(done, paint));
  });
}

interface Claimed {
  readonly order: string;
  readonly organization: string;
  readonly claimed: readonly string[];
  readonly unproved: number;
}

function storyOf({ order, organization, claimed, unproved }: Claimed, paint: Paint): string {
  const range = facts(paint, [
    ['first', claimed[0] ?? null],
    ['last', claimed.at(-1) ?? null],
  ]);
  const belong = `${paint.bold(spaced(claimed.length))} device(s) of order ${order} belong to ${paint.bold(organization)}.`;
  const left = `${spaced(unproved)} device(s) of order ${order} need a label proof and are still nobody's: claim each with the code of its label ("claim add", "claim import").`;
  if (claimed.length === 0 && unproved === 0) return `Nothing changed: every device of order ${order} has an owner.`;
  return [...(claimed.length === 0 ? [] : [belong, range]), ...(unproved === 0 ? [] : [paint.yellow(left)])].join('\n');
}

/** `windlass transfer offer`: a device is offered to another organization. */
import type { MAX_TRANSFER_DAYS } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand, parseWholeNumber } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { manufacturerHelp } from '../device-name.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

/** Written out, so that no command loads the client before it connects. */
const maxDays: typeof MAX_TRANSFER_DAYS = 90;

interface Options extends ConnectionOptions, OutputOptions {
  readonly serial: string;
  readonly manufacturer?: string;
  readonly to: string;
  readonly days?: number;
}

export function transferOffer(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'offer',
    summary: 'offer a device to another organization',
    description:
      'Offers a device. It stays with its owner until somebody of the other organization accepts, who sees its serial and who offers, and nothing else. By the approver. Check the name of the other organization: nobody is told whether it exists.',
    examples: ['transfer offer --serial SN-0001 --to rival --days 3 --organization acme --dir ./service'],
  })
    .requiredOption('--serial <serial>', "the device's serial")
    .option('--manufacturer <name>', manufacturerHelp)
    .requiredOption('--to <organization>', 'whom it is offered to')
    .option('--days <count>', 'how long the offer stands (default: 7)', (text: string) =>
      parseWholeNumber(text, { from: 1, to: maxDays, what: 'days' }),
    )
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(command).action(async (options: Options) => {
    const { serial, manufacturer, to, days } = options;
    const client = await connect(options, terminal);
    const offered = await client.offerTransfer({ serial, to, manufacturer, days });
    show(terminal, options, offered, (transfer, paint) =>
      [
        `Device ${paint.bold(transfer.serial)} is offered to ${paint.bold(transfer.to)} until ${transfer.expires}.`,
        facts(paint, [['transfer', transfer.id]]),
        ...nextSteps(paint, [
          `by ${transfer.to}: ${terminal.commandName} transfer accept ${transfer.id}`,
          `to end the offer: ${terminal.commandName} transfer revoke ${transfer.id} --organization ${transfer.from}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

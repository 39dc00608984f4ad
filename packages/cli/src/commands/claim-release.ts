/** `windlass claim release`: a device belongs to nobody and drops every anchor of its former owner at its next contact. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { deviceName, manufacturerHelp } from '../device-name.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly serial: string;
  readonly manufacturer?: string;
}

export function claimRelease(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'release',
    summary: 'take a device from its organization',
    description:
      'Gives a device up, with a token of its owner. At its next contact it removes every anchor that its owner gave it.',
    examples: ['claim release --serial SN-0001 --organization acme --dir ./service'],
  })
    .requiredOption('--serial <serial>', "the device's serial")
    .option('--manufacturer <name>', manufacturerHelp)
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(withIfMatch(command, 'device show')).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { serial, manufacturer } = options;
    const released = await client.releaseClaim({ serial, manufacturer }, { ifMatch: options.ifMatch });
    show(terminal, options, released, (claim, paint) =>
      [
        `Device ${paint.bold(deviceName(claim))} belongs to nobody. It drops its anchors at its next contact.`,
        facts(paint, [['claim', `generation ${claim.generation}, ownership ${claim.ownership}`]]),
      ].join('\n'),
    );
  });
}

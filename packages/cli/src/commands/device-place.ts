/** `windlass device place`: where a device is, and what people call it. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { deviceName, manufacturerHelp } from '../device-name.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly manufacturer?: string;
  readonly network?: string;
  readonly name?: string;
}

export function devicePlace(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'place',
    summary: 'say where a device is, and what it is called',
    description:
      'Assigns a device of the own organization to a network, which counts where no inspecting proxy shows which one it is on, and gives it a name for people. What is left out stays. By approver, operator or installer.',
    examples: ['device place SN-0001 --network plant-1 --name "Pump at gate 2" --organization acme --dir ./service'],
  })
    .argument('<serial>', "the device's serial")
    .option('--manufacturer <name>', manufacturerHelp)
    .option('--network <name>', 'the network it is on')
    .option('--name <text>', 'what people call it')
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(withIfMatch(command, 'device show')).action(async (serial: string, options: Options) => {
    const { manufacturer, network, name } = options;
    const client = await connect(options, terminal);
    const placed = await client.placeDevice({ serial, manufacturer, network, name }, { ifMatch: options.ifMatch });
    show(terminal, options, placed, (device, paint) =>
      [
        `Device ${paint.bold(deviceName(device))} is placed.`,
        facts(paint, [
          ['name', device.name ?? '-'],
          ['network', device.network ?? 'none assigned'],
        ]),
      ].join('\n'),
    );
  });
}

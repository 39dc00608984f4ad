/** `windlass claim add`: a device belongs to an organization. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, shellWord, withConnection } from '../connection.ts';
import { deviceName, manufacturerHelp } from '../device-name.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly serial: string;
  readonly manufacturer?: string;
  readonly organization: string;
  readonly network?: string;
}

export function claimAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'say which organization a device belongs to',
    description:
      "Claims a device for an organization, with --network for the case that it meets no inspecting proxy. The device may be one that was never seen. Only the service's operator can do this, with the admin's token: an approver who could would only have to name the serial of another's device first.",
    examples: ['claim add --serial SN-0001 --organization acme --network plant-1 --dir ./service'],
  })
    .requiredOption('--serial <serial>', "the device's serial")
    .option('--manufacturer <name>', manufacturerHelp)
    .requiredOption('--organization <name>', 'whose it becomes')
    .option('--network <name>', 'the network it is on when nothing shows which one');
  return withConnection(command).action(async (options: Options) => {
    const { serial, manufacturer, organization, network, ...service } = options;
    // With --dir the admin's token, not that of the organization that is named here.
    const client = await connect(service, terminal);
    const claimed = await client.addClaim({
      serial,
      organization,
      ...(manufacturer === undefined ? {} : { manufacturer }),
      ...(network === undefined ? {} : { network }),
    });
    show(terminal, options, claimed, (claim, paint) =>
      [
        `Device ${paint.bold(deviceName(claim))} belongs to ${paint.bold(claim.organization ?? 'nobody')}.`,
        facts(paint, [
          ['network', claim.network ?? 'none assigned: it is told by the inspecting proxy that the device meets'],
          ['claim', `generation ${claim.generation}, ownership ${claim.ownership}, valid until ${claim.expires}`],
        ]),
        ...nextSteps(paint, [`${terminal.commandName} device show ${shellWord(claim.serial)}${sameService(options)}`]),
      ].join('\n'),
    );
  });
}

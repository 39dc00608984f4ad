/** `windlass claim add`: a device belongs to an organization. */
import type { ClaimEntry } from '@windlass/management';
import type { Command } from 'commander';
import { type CodeOptions, type ReadLabel, readLabel, serialOf, withCode } from '../claim-code-input.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, shellWord, withConnection } from '../connection.ts';
import { deviceName, manufacturerHelp } from '../device-name.ts';
import { UsageError } from '../errors.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, CodeOptions {
  readonly serial?: string;
  readonly manufacturer?: string;
  readonly network?: string;
  readonly name?: string;
}

export function claimAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'say which organization a device belongs to',
    description:
      "Claims a device for an organization, with --network for the case that it meets no inspecting proxy. The device may be one that was never seen. An organization's own people (approver, operator, installer) claim with the code of the device's label, which proves that they have it; the code stays here, the service is sent what is derived from it, and it is dead afterwards. The service's operator, with the admin's token, claims without a code.",
    examples: [
      'claim add --serial SN-0001 --code-file ./label.txt --network plant-1 --organization acme --dir ./service',
      'claim add --serial SN-0001 --organization acme --network plant-1 --dir ./service',
    ],
  })
    .option('--serial <serial>', "the device's serial; a QR code has it too")
    .option('--manufacturer <name>', manufacturerHelp)
    .option('--organization <name>', 'whose it becomes; with a code, the own one when left out')
    .option('--network <name>', 'the network it is on when nothing shows which one')
    .option('--name <text>', 'what people call the device; with a code only');
  return withConnection(withCode(command)).action(async (options: Options) => {
    const label = await readLabel(options, terminal);
    const claimed = await (label === null ? addWithoutCode(options, terminal) : addWithCode(options, terminal, label));
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

async function addWithCode(options: Options, terminal: Terminal, label: ReadLabel): Promise<ClaimEntry> {
  const { manufacturer, organization, network, name } = options;
  const serial = serialOf(options.serial, label);
  if (serial === null) throw new UsageError('Which device? Give --serial: this code does not say it.');
  const client = await connect(options, terminal);
  const { claimToken } = label;
  return client.claimWithCode({ serial, manufacturer, organization, network, name, claimToken });
}

async function addWithoutCode(options: Options, terminal: Terminal): Promise<ClaimEntry> {
  const { serial, manufacturer, organization, network, name, ...service } = options;
  if (serial === undefined)
    throw new UsageError('Which device? Give --serial, or the text of its QR code with --code-file.');
  if (organization === undefined) {
    throw new UsageError(
      "Give --organization, as the service's operator; or the label's code with --code-file or --ask-code.",
    );
  }
  if (name !== undefined) throw new UsageError('--name goes with a code: the owner gives names, with "device place".');
  // With --dir the admin's token, not that of the organization that is named here.
  const client = await connect(service, terminal);
  return client.addClaim({ serial, manufacturer, organization, network });
}

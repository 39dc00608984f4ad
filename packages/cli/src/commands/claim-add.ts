/** `windlass claim add`: a device belongs to an organization. */
import type { ClaimEntry } from '@windlass/management';
import type { Command } from 'commander';
import { type CodeOptions, type ReadLabel, readLabel, serialOf, withCode } from '../claim-code-input.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, shellWord, withConnection } from '../connection.ts';
import { deviceName, manufacturerHelp } from '../device-name.ts';
import { UsageError } from '../errors.ts';
import { type ProofOptions, withProof, withPublishers } from '../label-proof.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, CodeOptions, ProofOptions {
  readonly serial?: string;
  readonly manufacturer?: string;
  readonly network?: string;
  readonly name?: string;
  readonly for?: string;
}

export function claimAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'say which organization a device belongs to',
    description:
      "Claims a device for an organization, with --network for the case that it meets no inspecting proxy. The device may be one that was never seen. An organization's own people (approver, operator, installer) claim with the code of the device's label, which proves that they have it; the code stays here, the service is sent what is derived from it, and it is dead afterwards. The service's operator, with the admin's token, claims without a code, for --organization. A device that takes no claim without a label proof needs the code in either case (the operator gives it with --for): the proof is made here.",
    examples: [
      'claim add --serial SN-0001 --code-file ./label.txt --network plant-1 --organization acme --dir ./service',
      'claim add --serial SN-0001 --organization acme --network plant-1 --dir ./service',
      'claim add --serial SN-0001 --for acme --code-file ./label.txt --dir ./service',
    ],
  })
    .option('--serial <serial>', "the device's serial; a QR code has it too")
    .option('--manufacturer <name>', manufacturerHelp)
    .option('--organization <name>', 'whose it becomes; with a code, the own one when left out')
    .option('--for <organization>', "whose it becomes, claimed with the admin's token and a code for its label proof")
    .option('--network <name>', 'the network it is on when nothing shows which one')
    .option('--name <text>', 'what people call the device; with a code only');
  return withConnection(withPublishers(withCode(command))).action(async (options: Options) => {
    const label = await readLabel(options, terminal);
    const byMember = label !== null && options.for === undefined;
    const claimed = await (byMember ? addWithCode(options, terminal, label) : addAsOperator(options, terminal, label));
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
  const input = { serial, manufacturer, organization, network, name, claimToken };
  const wish = { ...options, serial };
  return withProof({ label, wish, terminal }, (labelProof) => client.claimWithCode({ ...input, labelProof }));
}

async function addAsOperator(options: Options, terminal: Terminal, label: ReadLabel | null): Promise<ClaimEntry> {
  const { manufacturer, network, name, for: customer, organization: named, ...service } = options;
  if (customer !== undefined && named !== undefined)
    throw new UsageError('Give --organization, or --for with the code of the label, not both.');
  const organization = customer ?? named;
  const serial = serialOf(options.serial, label);
  if (serial === null)
    throw new UsageError('Which device? Give --serial, or the text of its QR code with --code-file.');
  if (organization === undefined) {
    throw new UsageError(
      "Give --organization, as the service's operator; or the label's code with --code-file or --ask-code.",
    );
  }
  if (name !== undefined) throw new UsageError('--name goes with a code: the owner gives names, with "device place".');
  // With --dir the admin's token, not that of the organization that is named here.
  const client = await connect(service, terminal);
  const input = { serial, manufacturer, organization, network };
  const wish = { ...options, serial, organization };
  return withProof({ label, wish, terminal }, (labelProof) => client.addClaim({ ...input, labelProof }));
}

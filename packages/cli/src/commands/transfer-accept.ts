/** `windlass transfer accept`: a device that was offered belongs to the own organization. */
import type { LabelProof } from '@windlass/management';
import type { Command } from 'commander';
import { type CodeOptions, readLabel, withCode } from '../claim-code-input.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { deviceName } from '../device-name.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { type ProofOptions, withProof, withPublishers } from '../label-proof.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions, CodeOptions, ProofOptions {
  readonly network?: string;
}

export function transferAccept(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'accept',
    summary: 'take a device that was offered',
    description:
      'Accepts an offer of "transfer list". At its next contact the device drops every anchor of its former owner. A device with a label proof needs the code of its label: the proof is made here. By approver or operator.',
    examples: [
      'transfer accept 0123456789abcdef0123456789abcdef --network plant-1 --organization rival --dir ./service',
    ],
  })
    .argument('<id>', 'the transfer, of "transfer list"')
    .option('--network <name>', 'the network it is on when nothing shows which one')
    .option('--organization <name>', "act with this organization's approver's token");
  const proving = withPublishers(withCode(command));
  return withConnection(withIfMatch(proving, 'transfer show')).action(async (id: string, options: Options) => {
    const { network, ifMatch } = options;
    const label = await readLabel(options, terminal);
    const client = await connect(options, terminal);
    const wish = { ...options, serial: label?.serial ?? undefined };
    const accept = (labelProof?: LabelProof) => client.acceptTransfer({ id, network, labelProof }, { ifMatch });
    const accepted = await withProof({ label, wish, terminal }, accept);
    show(terminal, options, accepted, (claim, paint) =>
      [
        `Device ${paint.bold(deviceName(claim))} belongs to ${paint.bold(claim.organization ?? 'nobody')}.`,
        facts(paint, [
          ['network', claim.network ?? 'none assigned'],
          ['claim', `generation ${claim.generation}, ownership ${claim.ownership}, valid until ${claim.expires}`],
        ]),
      ].join('\n'),
    );
  });
}

/** `windlass device replace`: a new device has the place of a broken one. */
import type { Command } from 'commander';
import { type CodeOptions, readLabel, serialOf, withCode } from '../claim-code-input.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { manufacturerHelp } from '../device-name.ts';
import { UsageError } from '../errors.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { type ProofOptions, withProof, withPublishers } from '../label-proof.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, CodeOptions, ProofOptions, IfMatchOptions {
  readonly manufacturer?: string;
  readonly with?: string;
  readonly withManufacturer?: string;
}

export function deviceReplace(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'replace',
    summary: 'put a new device in the place of a broken one',
    description:
      'The new device gets network and name of the broken one, which is released: it drops every anchor should it ever come back. The new one is claimed with the code of its label first, or is the own one already. By approver, operator or installer.',
    examples: ['device replace SN-0001 --with SN-0002 --code-file ./label.txt --organization acme --dir ./service'],
  })
    .argument('<serial>', "the broken device's serial")
    .option('--manufacturer <name>', manufacturerHelp)
    .option('--with <serial>', "the new device's serial; a QR code has it too")
    .option('--with-manufacturer <name>', 'the manufacturer of the new one, when more than one has its serial')
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(withIfMatch(withPublishers(withCode(command)), 'device show')).action(
    async (serial: string, options: Options) => {
      const { manufacturer, withManufacturer } = options;
      const label = await readLabel(options, terminal);
      const replacement = serialOf(options.with, label);
      if (replacement === null) throw new UsageError('Which device takes its place? Give --with and its serial.');
      const client = await connect(options, terminal);
      if (label !== null) {
        const { claimToken } = label;
        const wish = { ...options, serial: replacement };
        const input = { serial: replacement, manufacturer: withManufacturer, claimToken };
        await withProof({ label, wish, terminal }, (labelProof) => client.claimWithCode({ ...input, labelProof }));
      }
      const done = await client.replaceDevice(
        {
          serial,
          replacement,
          manufacturer,
          replacementManufacturer: withManufacturer,
        },
        { ifMatch: options.ifMatch },
      );
      show(terminal, options, done, (result, paint) =>
        [
          `Device ${paint.bold(result.replacement)} has the place of ${paint.bold(result.serial)}, which belongs to nobody.`,
          facts(paint, [
            ['name', result.name ?? '-'],
            ['network', result.network ?? 'none assigned'],
          ]),
        ].join('\n'),
      );
    },
  );
}

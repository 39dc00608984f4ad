/** `windlass factory code`: claim codes for labels, for trials: what is printed, and what the manifest has instead. */
import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { newCommand, parseWholeNumber } from '../command.ts';
import { UsageError } from '../errors.ts';
import { reserveSecretFile } from '../files.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly out: string;
  readonly characters: number;
}

export function factoryCode(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'code',
    summary: 'make claim codes for the labels of trial devices',
    description:
      'Makes a code for each serial and writes them to a new CSV file, readable for you alone: serial, code (for the label), label (the text of a QR code), claim_code_hash (for the manifest). A code of 8 characters is enough because the service limits attempts; 26 have 130 bits, which the label proof takes: then the code goes into the device too ("factory device --label-code").',
    examples: [
      'factory code SN-0001 SN-0002 --out ./codes.csv',
      'factory code SN-0001 --characters 26 --out ./codes.csv',
    ],
  })
    .argument('<serials...>', 'the serials of the devices')
    .requiredOption('--out <file>', 'the new file')
    .option(
      '--characters <count>',
      'how long each code is, 8 to 64',
      (text: string) => parseWholeNumber(text, { from: 8, to: 64, what: 'a length' }),
      8,
    )
    .action(async (serials: readonly string[], options: Options) => {
      const lines = await Promise.all(serials.map((serial) => lineFor(serial, options.characters)));
      reserveSecretFile(options.out).fill(['serial,code,label,claim_code_hash', ...lines, ''].join('\n'));
      show(terminal, options, { file: options.out, codes: serials.length }, ({ file, codes }, paint) =>
        [
          `${paint.bold(String(codes))} claim code(s) are in ${file}, readable for you alone.`,
          facts(paint, [
            [
              'next',
              'serial and claim_code_hash go into the manifest; code and label onto the device, and nowhere else',
            ],
          ]),
        ].join('\n'),
      );
    });
}

async function lineFor(serial: string, characters: number): Promise<string> {
  const { CLAIM_CODE_ALPHABET, claimCodeOf, claimTokenHashOf, claimTokenOf, labelText } = await import(
    '@windlass/protocol'
  );
  if (!/^[!#-+\--~]+$/.test(serial))
    throw new UsageError(
      `The serial ${serial} has a character that this file cannot hold: give printable ASCII without spaces, commas and double quotes.`,
    );
  const letters = Array.from({ length: characters }, () => CLAIM_CODE_ALPHABET[randomInt(CLAIM_CODE_ALPHABET.length)]);
  const code = claimCodeOf(letters.join(''));
  if (code === null) throw new Error('What was made is no claim code.');
  const printed = code.replace(/(.{4})(?=.)/g, '$1-');
  return [serial, printed, labelText(serial, code), claimTokenHashOf(claimTokenOf(code))].join(',');
}

// The arguments of `npm run fuzz`.

import { parseArgs } from 'node:util';

/** What is to be done. */
export type CommandLine =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly format: 'table' | 'json';
      readonly inputs: number;
      readonly signedInputs: number;
      /** Part of the names of decoders. */
      readonly decoder: string;
      readonly seed: string;
    };

/** What --help prints. */
export const help = `npm run fuzz [-- --inputs N] [--signed-inputs N] [--decoder TEXT] [--seed TEXT] [--json]

Feeds everything of @windlass/x509 that reads bytes of others with mutated inputs, guided by coverage. Ends with 1 when
anything but X509Error comes out, a message quotes its input, an input takes over 500 ms, or memory grows.

  --inputs N         inputs for each decoder (default 1000000: about ten minutes)
  --signed-inputs N  for those that sign or import a key each time (default a tenth of --inputs)
  --decoder TEXT     only decoders whose name has this text
  --seed TEXT        repeats a run (default: the time, which is printed)
  --json             one JSON object on standard output
  --help

example: npm run fuzz -- --inputs 50000 --decoder parseCertificate --seed 7
`;

/** @throws Error with one sentence for an option or a number that does not exist */
export function parseCommandLine(argv: readonly string[], now: number): CommandLine {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      inputs: { type: 'string', default: '1000000' },
      'signed-inputs': { type: 'string' },
      decoder: { type: 'string', default: '' },
      seed: { type: 'string', default: String(now) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) return { kind: 'help' };
  const { decoder, seed, json } = values;
  const inputs = countOf('--inputs', values.inputs);
  const signedInputs = countOf('--signed-inputs', values['signed-inputs'] ?? String(Math.ceil(inputs / 10)));
  return { kind: 'run', format: json ? 'json' : 'table', inputs, signedInputs, decoder, seed };
}

function countOf(option: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`${option} needs a whole number above 0, and "${text}" is none.`);
}

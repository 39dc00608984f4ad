// The arguments of `npm run differential`.

import { parseArgs } from 'node:util';

/** What is to be done. */
export type CommandLine =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly format: 'table' | 'json';
      readonly seed: string;
      /** Numbers of the chains. */
      readonly numbers: readonly number[];
      /** Where chains that differ are written. */
      readonly dump: string | undefined;
    };

/** What --help prints. */
export const help = `npm run differential [-- --chains N] [--seed TEXT] [--only N] [--dump DIR] [--json]

Makes certificate chains, valid ones with one or two mutations, properly signed again, and compares the verdicts of
@windlass/x509 with those of the machine's \`openssl verify\`: strict with -x509_strict, webpki-like without. Ends with 1
when a difference has no class that explains it, a sound chain is refused, or both agree implausibly seldom.

  --chains N   how many chains (default 5000: about three minutes)
  --seed TEXT  other chains; the same seed makes the same mutations (default 1)
  --only N     only the chain of that number: the last part of an id
  --dump DIR   writes every chain whose verdicts differ, as PEM files that openssl verify takes
  --json       one JSON object on standard output, with every difference
  --help

example: npm run differential -- --seed 7 --only 4711 --dump differing
`;

/** @throws Error with one sentence for an option or a number that does not exist */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      chains: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      dump: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) return { kind: 'help' };
  const { seed, dump, json, only } = values;
  const chains = wholeNumber('--chains', values.chains);
  const numbers = only === undefined ? Array.from({ length: chains }, (_, i) => i) : [wholeNumber('--only', only)];
  return { kind: 'run', format: json ? 'json' : 'table', seed, numbers, dump };
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new Error(`${option} needs a whole number, and "${text}" is none.`);
}

// The arguments of `npm run conformance`.

import { parseArgs } from 'node:util';

/** What is to be done. */
export type CommandLine =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly format: 'table' | 'json';
      readonly peers: 'all' | 'none';
      /** Absent: all cases. */
      readonly only: RegExp | undefined;
    };

/** What --help prints. */
export const help = `npm run conformance [-- --no-peers] [--only PATTERN] [--json]

Judges the chains of x509-limbo and BetterTLS and the signatures of Wycheproof with @windlass/x509, strict profile, and
the same chains with others: openssl verify, Node's tls, pkijs, and a plain loop over node:crypto. Ends with 1 when
Windlass is worse than expected.json says: another deviation, fewer cases, a case over 1 s, or no data.

  --no-peers       only Windlass: seconds instead of two minutes
  --only PATTERN   only cases whose id or suite matches this regular expression; fewer cases are then no failure
  --json           one JSON object on standard output, with every deviation of everybody
  --help

The data is third-party and not part of the project; WINDLASS_X509_DATA names its folder.

example: npm run conformance -- --no-peers --only 'nc::'
`;

/** @throws Error with one sentence for an option or a pattern that does not exist */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'no-peers': { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) return { kind: 'help' };
  const only = values.only === undefined ? undefined : patternOf(values.only);
  return { kind: 'run', format: values.json ? 'json' : 'table', peers: values['no-peers'] ? 'none' : 'all', only };
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new Error(`--only needs a regular expression, and "${text}" is none.`, { cause: error });
  }
}

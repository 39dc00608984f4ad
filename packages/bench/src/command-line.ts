/** The arguments of `npm run bench`: which benchmarks, and in which form they answer. */
import { parseArgs } from 'node:util';

/** Those that run when none is named. */
export const usualNames = ['sizes', 'agent', 'service-cpu', 'x509'] as const;
export const benchmarkNames = [...usualNames, 'idle'] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

export type CommandLine =
  | { readonly kind: 'help' }
  /** `names` in the order of `benchmarkNames`, each once. */
  | { readonly kind: 'run'; readonly names: readonly BenchmarkName[]; readonly json: boolean };

export const help = `npm run bench [-- NAME...] [--json]

  NAME     ${benchmarkNames.join(', ')}; without a name all but idle, which takes minutes
  --json   one JSON object on standard output

Figures beside a limit or a peer that was measured in the same run. Ends with 1 when a hard limit is exceeded.

example: npm run bench -- sizes x509
`;

/** What is to be done. @throws with one sentence for an option or a name that does not exist */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false, short: 'h' } },
  });
  if (values.help) return { kind: 'help' };
  const known: readonly string[] = benchmarkNames;
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no benchmark "${unknown}": choose from ${known.join(', ')}`);
  const names = positionals.length === 0 ? usualNames : benchmarkNames.filter((name) => positionals.includes(name));
  return { kind: 'run', names, json: values.json };
}

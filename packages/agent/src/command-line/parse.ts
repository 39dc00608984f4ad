// What the command line asks for. It loads nothing: `run` waits for years in a process that has little more than this. @see decisions/0020
import { createRequire } from 'node:module';
import type { ShiftOrder } from '../run/keep-running.ts';
import type { Files } from './carried.ts';

// To `import` this reads all of its members and loads what those need: memory that waits for years.
const { parseArgs }: typeof import('node:util') = createRequire(import.meta.url)('node:util');

const NAMES = ['bootstrap', 'run', 'status', 'reset', 'doctor', 'request', 'import'] as const;

export type CommandName = (typeof NAMES)[number];

/** A command that does one thing and ends. */
export interface Command extends Files {
  readonly kind: 'command';
  readonly name: Exclude<CommandName, 'run'>;
  readonly json: boolean;
  /** Of the doctor. */
  readonly forIt: boolean;
  readonly offline: boolean;
}

/** What is left to the file with the commands. */
export type Asked =
  | Command
  /** `of`: that of one command. */
  | { readonly kind: 'help'; readonly of: CommandName | null }
  | { readonly kind: 'version' }
  /** A sentence for what is wrong. */
  | { readonly kind: 'mistake'; readonly says: string };

/** What is asked for by `args`, which are those after the program's name. */
export function parseCommandLine(args: readonly string[]): Asked | RunAsked {
  const options = {
    config: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
    'for-it': { type: 'boolean' },
    offline: { type: 'boolean' },
    out: { type: 'string' },
    report: { type: 'string' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [given, answer, ...others] = positionals;
    const { config, json = false, help, version, out, report = null } = values;
    const { 'for-it': forIt = false, offline = false } = values;
    const name = NAMES.find((each) => each === given);
    if (help) return { kind: 'help', of: name ?? null };
    if (version) return { kind: 'version' };
    if (!name) return mistake(`One of the commands ${NAMES.join(', ')} is needed.`);
    if (others.length > 0 || (answer !== undefined && name !== 'import'))
      return mistake(
        `After ${name} there is more than it takes: ${name === 'import' ? 'it takes one file' : 'it takes options alone'}.`,
      );
    if ((forIt || offline) && name !== 'doctor')
      return mistake('The options --for-it and --offline are those of doctor.');
    if ((out === undefined) !== (name !== 'request'))
      return mistake('The option --out FILE is needed for request, and is for it alone.');
    if (report && name !== 'import') return mistake('The option --report is for import alone.');
    if (name === 'import' && answer === undefined) return mistake('The file with the answer is needed: import FILE.');
    if (!config) return mistake('The option --config FILE is needed.');
    if (name === 'run') return { kind: 'run', config, json };
    return { kind: 'command', name, config, json, forIt, offline, file: out ?? answer ?? '', report };
  } catch (error) {
    return mistake(error instanceof Error ? `${error.message.split('.')[0]}.` : '');
  }
}

/** The command that keeps running, in processes of its own. */
export interface RunAsked extends Pick<ShiftOrder, 'config' | 'json'> {
  readonly kind: 'run';
}

function mistake(says: string): Asked {
  return { kind: 'mistake', says };
}

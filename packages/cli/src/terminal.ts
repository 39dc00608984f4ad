/** What the command may touch of the process that runs it: two streams, the environment, colours, and how it is called here. */
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { askSecret } from './secret-input.ts';

/** The functions that paint text, or leave it as it is. */
export type Paint = ReturnType<typeof pc.createColors>;

export interface Terminal {
  /** Writes to standard output, as it is. */
  readonly out: (text: string) => void;
  /** Writes to standard error, as it is. */
  readonly err: (text: string) => void;
  readonly paint: Paint;
  readonly errorPaint: Paint;
  /** Columns that help is wrapped to. */
  readonly columns: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How a reader starts this program: `windlass`, or `npx --no-install windlass` in a checkout. */
  readonly commandName: string;
  /** Resolves when the process is asked to end (SIGTERM, SIGINT). */
  readonly askedToEnd: () => Promise<void>;
  /** Whether somebody looks at standard error: only then it is told how far something is. */
  readonly showsProgress: boolean;
  /** One line that is typed without echo, after the prompt; from a pipe, what comes. @throws CommandError when there is none */
  readonly askSecret: (prompt: string) => Promise<string>;
  /** What the process will answer when it ends; 0 when never called. */
  readonly exitWith: (code: number) => void;
}

const widestHelp = 110;

/** The terminal of this process. Colours only on a TTY, and never with NO_COLOR (https://no-color.org) or TERM=dumb. */
export function processTerminal(environment: NodeJS.ProcessEnv): Terminal {
  const wanted = (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paint: pc.createColors(wanted && process.stdout.isTTY === true),
    errorPaint: pc.createColors(wanted && process.stderr.isTTY === true),
    columns: Math.min(process.stdout.columns ?? 100, widestHelp),
    environment,
    commandName: commandNameFor(fileURLToPath(import.meta.url)),
    askedToEnd,
    showsProgress: process.stderr.isTTY === true,
    askSecret: (prompt) => askSecret(process.stdin, (text) => void process.stderr.write(text), prompt),
    exitWith: (code) => {
      process.exitCode = code;
    },
  };
}

/** A package that npm installed lies in node_modules; anything else is a checkout, where only npx finds the command. */
export function commandNameFor(file: string): string {
  return file.includes('/node_modules/') ? 'windlass' : 'npx --no-install windlass';
}

function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

/** What goes wrong, as one clear sentence and an exit code: 1 when the command failed, 2 when it was called wrongly, 3 when it waits for a second person. */
import type { Terminal } from './terminal.ts';

export const exitCodes = { failure: 1, usage: 2, waiting: 3 } as const;

/** The command was understood and could not be done; the message says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The command line cannot be understood; the message names the part. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What an error of ours is, for people (`message`) and for scripts (`code`). */
export interface ErrorSummary {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** Errors of the packages below carry a sentence already. Told by name: the packages are loaded only by the commands that need them. */
const ownErrors = new Set([
  'ManagementError',
  'ConfigError',
  'StoreError',
  'ProtocolError',
  'X509Error',
  'SignerError',
  'CommandError',
]);

/** Any thrown value becomes a sentence; what is none of our errors is called a bug, with its text. */
export function summarizeError(error: unknown): ErrorSummary {
  if (error instanceof UsageError) return { code: 'usage', message: error.message, exitCode: exitCodes.usage };
  if (!(error instanceof Error)) return bug(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
  const exitCode = code === 'waits-for-approval' ? exitCodes.waiting : exitCodes.failure;
  if (ownErrors.has(error.name)) return { code, message: error.message, exitCode };
  const system = explainSystemError(error);
  return system === null ? bug(error.message) : { code, message: system, exitCode: exitCodes.failure };
}

/** The error is on standard error: a sentence, or with `--json` one JSON object. Returns the exit code. */
export function reportError(error: unknown, terminal: Terminal, form: 'text' | 'json'): number {
  const { code, message, exitCode } = summarizeError(error);
  if (form === 'json') terminal.err(`${escapeForTerminal(JSON.stringify({ error: { code, message } }))}\n`);
  else terminal.err(`${terminal.errorPaint.red('windlass:')} ${escapeForTerminal(message)}\n`);
  if (terminal.environment['WINDLASS_DEBUG'] === '1' && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
  return exitCode;
}

const systemSentences: Readonly<Record<string, (where: string) => string>> = {
  ENOENT: (where) => `There is no ${where}: check the path.`,
  EACCES: (where) => `${where} may not be accessed: check who owns it and its permissions.`,
  EPERM: (where) => `${where} may not be changed: check who owns it and its permissions.`,
  EISDIR: (where) => `${where} is a directory, and a file is needed.`,
  ENOTDIR: (where) => `${where} is not inside a directory: check the path.`,
  EEXIST: (where) => `${where} exists already and is not overwritten: choose another path, or move it away.`,
  ENOTEMPTY: (where) => `${where} exists already and is not empty: choose another path, or move it away.`,
  EROFS: (where) => `${where} is on a file system that is read-only: choose another path.`,
  ENOSPC: (where) => `There is no space left on the file system of ${where}: free some and try again.`,
  ELOOP: (where) => `${where} has too many symbolic links: check the path.`,
  ENAMETOOLONG: (where) => `${where} is too long for a path.`,
  EADDRINUSE: (where) => `${where} is in use by another program: stop that one, or choose another port.`,
  EADDRNOTAVAIL: (where) => `${where} is no address of this machine: correct the configuration.`,
};

/** The sentence for an error of the operating system, or null when it is none that a user can cause. */
export function explainSystemError(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return systemSentences[error.code]?.(whereOf(error)) ?? null;
}

function whereOf(error: Error): string {
  if ('path' in error && typeof error.path === 'string') return error.path;
  if ('port' in error && typeof error.port === 'number') return `Port ${error.port}`;
  return 'path';
}

function bug(message: string): ErrorSummary {
  const text = `Something unexpected happened (${message}): this is a fault of windlass. Run it again with WINDLASS_DEBUG=1 and report what it prints.`;
  return { code: 'internal', message: text, exitCode: exitCodes.failure };
}

/**
 * Text from elsewhere cannot steer the terminal: control characters (C0, DEL, C1), line and paragraph separators and
 * bidirectional controls are written as \uXXXX.
 */
export function escapeForTerminal(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

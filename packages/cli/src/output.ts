/** What a command says when it worked: tables and sentences for people, with `--json` the exact answer for machines. */
import { escapeForTerminal } from './errors.ts';
import type { Paint, Terminal } from './terminal.ts';

export interface OutputOptions {
  readonly json?: boolean;
}

/**
 * The value is on standard output: as JSON, every member as it came, or as `format` makes it. What `format` sees has no character that
 * steers a terminal, so names chosen by a device or a proxy cannot repaint the screen.
 */
export function show<T>(
  terminal: Terminal,
  options: OutputOptions,
  value: T,
  format: (value: T, paint: Paint) => string,
): void {
  if (options.json === true) terminal.out(`${jsonText(value)}\n`);
  else terminal.out(`${format(readable(value), terminal.paint)}\n`);
}

/** JSON with an indentation of 2; characters that steer a terminal are escaped, which leaves the value the same. */
export function jsonText(value: unknown, indentation = 2): string {
  return JSON.stringify(value, null, indentation)
    .split('\n')
    .map((line) => escapeForTerminal(line))
    .join('\n');
}

/** A copy whose texts have no character that steers a terminal. */
export function readable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
    typeof member === 'string' ? escapeForTerminal(member) : member,
  );
}

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
}

/** Columns aligned with two spaces between; the last one is not padded. `empty` is the sentence for no rows. */
export function table<T>(paint: Paint, rows: readonly T[], columns: readonly Column<T>[], empty: string): string {
  if (rows.length === 0) return empty;
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => (row[index] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [paint.bold(line(columns.map((column) => column.title))), ...cells.map(line)].join('\n');
}

/** Label and value on a line each, values aligned; entries whose value is null are left out. */
export function facts(paint: Paint, entries: readonly (readonly [label: string, value: string | null])[]): string {
  const width = Math.max(...entries.map(([label]) => label.length));
  return entries
    .filter(([, value]) => value !== null)
    .map(([label, value]) => `  ${paint.dim(label.padEnd(width))}  ${value}`)
    .join('\n');
}

/** Each warning on its own line, in yellow; nothing when there is none. */
export function warningLines(paint: Paint, warnings: readonly string[]): readonly string[] {
  return warnings.map((warning) => `${paint.yellow('warning:')} ${warning}`);
}

/** "Next:" and the commands to run, each on its own line. */
export function nextSteps(paint: Paint, steps: readonly string[]): readonly string[] {
  return steps.length === 0 ? [] : ['', paint.bold('Next'), ...steps.map((step) => `  ${step}`)];
}

/**
 * Files with a row per line, CSV or JSON Lines, read as a stream: however long the file is, one row is in memory. A row that cannot be read
 * is told with its line, and the next one goes on.
 */
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { CommandError, explainSystemError } from './errors.ts';

/** Longest row, in characters. */
const maxRowCharacters = 65_536;

/** What a row says of each column that it has; or why it cannot be read. */
export type FileRow =
  | { readonly kind: 'row'; readonly line: number; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'fault'; readonly line: number; readonly field: string; readonly problem: string };

/** Told of each piece of the file as it is read. */
export type ByteCounter = (bytes: Uint8Array) => void;

/**
 * The rows of a file. `.csv` is CSV (RFC 4180) whose first line names the columns; `.jsonl` and `.ndjson` have one JSON object per line with
 * the columns as members. @throws CommandError: no such file, another kind of file, an unknown column, or CSV whose quotes do not end
 */
export async function* readRows(
  path: string,
  columns: readonly string[],
  count: ByteCounter = () => {},
): AsyncGenerator<FileRow> {
  const form = formOf(path);
  const stream = createReadStream(path);
  stream.on('data', (chunk) => count(typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
  stream.pause();
  try {
    if (form === 'csv') yield* csvRows(stream, { path, columns });
    else yield* jsonRows(stream, columns);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    const sentence = explainSystemError(cause);
    if (sentence === null) throw cause;
    throw new CommandError(sentence, { cause });
  } finally {
    stream.destroy();
  }
}

/** How the file is to be read, by its name; a file is there. @throws CommandError */
export function formOf(path: string): 'csv' | 'json' {
  const ending = /\.(csv|jsonl|ndjson)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) {
    throw new CommandError(`${path} must end in .csv, .jsonl or .ndjson: rename it, so that its form is known.`);
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandError(`There is no file ${path}: check the path.`);
  if (found.isDirectory()) throw new CommandError(`${path} is a directory: name a file.`);
  return ending === 'csv' ? 'csv' : 'json';
}

interface CsvFile {
  readonly path: string;
  readonly columns: readonly string[];
}

async function* csvRows(stream: Readable, { path, columns }: CsvFile): AsyncGenerator<FileRow> {
  const { parse } = await import('csv-parse');
  const parser = parse({
    bom: true,
    info: true,
    relaxColumnCount: true,
    skipEmptyLines: true,
    maxRecordSize: maxRowCharacters,
  });
  stream.on('error', (cause) => parser.destroy(cause));
  let header: readonly string[] | null = null;
  let end = 0;
  try {
    for await (const { record, info } of stream.pipe(parser) as AsyncIterable<CsvRecord>) {
      const line = end + 1 + leadingEmptyLines(info.lines, end, record);
      end = info.lines;
      if (header === null) header = headerOf(record, { path, columns });
      else if (record.length === header.length) yield { kind: 'row', line, fields: fieldsOf(header, record) };
      else
        yield {
          kind: 'fault',
          line,
          field: 'row',
          problem: `has ${record.length} fields, and the header has ${header.length}`,
        };
    }
  } catch (cause) {
    throw asCsvError(cause, path);
  }
  if (header === null) throw new CommandError(`${path} is empty: its first line must name the columns.`);
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** A record begins where its own line breaks end before where the parser is. */
function leadingEmptyLines(lines: number, end: number, record: readonly string[]): number {
  const own = record.reduce((sum, field) => sum + (field.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
  return Math.max(lines - end - 1 - own, 0);
}

function fieldsOf(header: readonly string[], record: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(header.map((column, index) => [column, record[index] ?? '']));
}

function headerOf(record: readonly string[], { path, columns }: CsvFile): readonly string[] {
  const header = record.map((name) => name.trim().toLowerCase());
  const unknown = header.filter((name) => !columns.includes(name));
  if (unknown.length > 0) {
    const names = unknown.map((name) => `"${name.slice(0, 40)}"`).join(', ');
    throw new CommandError(`${path} has columns that are not known: ${names}. Those that are: ${columns.join(', ')}.`);
  }
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw new CommandError(`${path} has the column ${twice} twice: take one out.`);
  return header;
}

/** A fault of the whole file: behind it nothing can be told apart. Its text is not quoted: it may hold a code. */
function asCsvError(cause: unknown, path: string): unknown {
  if (!(cause instanceof Error) || !('code' in cause) || !String(cause.code).startsWith('CSV_')) return cause;
  const line = 'lines' in cause ? `, near line ${String(cause.lines)}` : '';
  const what =
    cause.code === 'CSV_MAX_RECORD_SIZE'
      ? `a row has more than ${maxRowCharacters} characters`
      : 'a quote is opened or closed in the wrong place';
  return new CommandError(`${path} cannot be read as CSV${line}: ${what}.`, { cause });
}

async function* jsonRows(stream: Readable, columns: readonly string[]): AsyncGenerator<FileRow> {
  let line = 0;
  for await (const text of linesOf(stream)) {
    line += 1;
    if (text === null)
      yield { kind: 'fault', line, field: 'row', problem: `has more than ${maxRowCharacters} characters` };
    else if (text.trim() !== '') yield jsonRow(line, text, columns);
  }
}

/** Lines without their end; null for one that is too long, of which no more is kept than the limit. */
async function* linesOf(stream: Readable): AsyncGenerator<string | null> {
  stream.setEncoding('utf8');
  let rest: string | null = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    const parts = chunk.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      yield joined(rest, part);
      rest = '';
    }
    rest = joined(rest, last);
  }
  if (rest !== '') yield rest;
}

function joined(before: string | null, more: string): string | null {
  return before === null || before.length + more.length > maxRowCharacters ? null : before + more;
}

function jsonRow(line: number, text: string, columns: readonly string[]): FileRow {
  const fault = (field: string, problem: string): FileRow => ({ kind: 'fault', line, field, problem });
  const value = parseJson(text.replace(/^\ufeff/, ''));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fault('row', 'is not one JSON object');
  const fields: Record<string, string> = {};
  for (const [name, member] of Object.entries(value)) {
    if (!columns.includes(name))
      return fault('row', `has a member that is not known; those that are: ${columns.join(', ')}`);
    const field = fieldOf(member);
    if (field === null) return fault(name, 'must be text');
    fields[name] = field;
  }
  return { kind: 'row', line, fields };
}

/** Null and left out are the same, true is yes. */
function fieldOf(member: unknown): string | null {
  if (member === null) return '';
  if (typeof member === 'boolean') return member ? 'yes' : 'no';
  return typeof member === 'string' ? member : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

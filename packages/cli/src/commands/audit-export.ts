/** `windlass audit export`: the record, oldest first, for other programs. It is read and written piece by piece. */
import type { AuditEntry } from '@windlass/management';
import { type Command, Option } from 'commander';
import { type AuditFilterOptions, auditFilter, withAuditFilter } from '../audit-filter.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { jsonText, type OutputOptions } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, AuditFilterOptions {
  readonly format: 'jsonl' | 'csv';
}

const PIECE_ENTRIES = 500;
const COLUMNS = [
  'id',
  'time',
  'actor',
  'role',
  'address',
  'act',
  'outcome',
  'organization',
  'object',
  'detail',
  'previousHash',
  'hash',
] as const satisfies readonly (keyof AuditEntry)[];

export function auditExport(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'export',
    summary: 'the record, for other programs',
    description:
      'Writes records to standard output, oldest first, as JSON Lines (one object per line) or CSV (RFC 4180, with a header). However many there are, only a few are held at a time. In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.',
    examples: [
      'audit export --format jsonl --dir ./service',
      'audit export --format csv --since 2027-01-01 --until 2027-02-01 --organization acme --dir ./service',
    ],
  }).addOption(new Option('--format <format>', 'how').choices(['jsonl', 'csv']).default('jsonl', 'jsonl'));
  return withConnection(withAuditFilter(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const format = options.json === true ? 'jsonl' : options.format;
    if (format === 'csv') terminal.out(`${COLUMNS.join(',')}\r\n`);
    for (let after = 0; ; ) {
      const { entries } = await client.exportAudit({ ...auditFilter(options), after, limit: PIECE_ENTRIES });
      if (entries.length === 0) return;
      terminal.out(entries.map((entry) => (format === 'csv' ? csvLine(entry) : `${jsonText(entry, 0)}\n`)).join(''));
      after = entries.at(-1)?.id ?? after;
    }
  });
}

function csvLine(entry: AuditEntry): string {
  const cells = COLUMNS.map((column) => {
    const value = entry[column];
    if (value === null) return '';
    return cellOf(typeof value === 'object' ? JSON.stringify(value) : String(value));
  });
  return `${cells.join(',')}\r\n`;
}

/** @see RFC 4180 section 2 */
function cellOf(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

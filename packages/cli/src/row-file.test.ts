import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readRows } from './row-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'windlass-rows-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const columns = ['serial', 'model'];

async function rowsOf(name: string, text: string | Buffer): Promise<readonly unknown[]> {
  const path = join(directory, name);
  writeFileSync(path, text);
  const rows: unknown[] = [];
  for await (const row of readRows(path, columns)) rows.push(row);
  return rows;
}

test('CSV: the first line names the columns, in any order; quotes, line breaks in fields, empty lines, a byte order mark', async () => {
  const text = '\ufeffModel,serial\r\n"Pump, 3",S-1\r\n\r\n"two\nlines",S-2\r\n"say ""a""",S-3';
  expect(await rowsOf('a.csv', text)).toEqual([
    { kind: 'row', line: 2, fields: { model: 'Pump, 3', serial: 'S-1' } },
    { kind: 'row', line: 4, fields: { model: 'two\nlines', serial: 'S-2' } },
    { kind: 'row', line: 6, fields: { model: 'say "a"', serial: 'S-3' } },
  ]);
});

test('CSV: a row with too few or too many fields is told with its line, and the next one is read', async () => {
  expect(await rowsOf('b.csv', 'serial,model\nS-1\nS-2,a,b\nS-3,c\n')).toEqual([
    { kind: 'fault', line: 2, field: 'row', problem: 'has 1 fields, and the header has 2' },
    { kind: 'fault', line: 3, field: 'row', problem: 'has 3 fields, and the header has 2' },
    { kind: 'row', line: 4, fields: { serial: 'S-3', model: 'c' } },
  ]);
});

test('CSV: what nothing can be made of ends with a sentence that quotes nothing of it', async () => {
  await expect(rowsOf('c.csv', '')).rejects.toThrow(/is empty: its first line must name the columns/);
  await expect(rowsOf('c.csv', 'serial,colour\n')).rejects.toThrow(
    /columns that are not known: "colour".*serial, model/,
  );
  await expect(rowsOf('c.csv', 'serial,serial\n')).rejects.toThrow(/has the column serial twice/);
  const refused = rowsOf('c.csv', 'serial,model\nS-1,"SECRET\n');
  await expect(refused).rejects.toThrow(/cannot be read as CSV, near line \d: a quote is opened or closed/);
  await expect(refused).rejects.not.toThrow(/SECRET/);
  await expect(rowsOf('c.csv', `serial,model\nS-1,${'x'.repeat(70_000)}\n`)).rejects.toThrow(
    /more than 65536 characters/,
  );
});

test('JSON Lines: an object per line; null and left out are the same, true is yes', async () => {
  const long = `{"serial":"${'x'.repeat(70_000)}"}`;
  const text = `\ufeff{"serial":"S-1","model":null}\r\n\n{"serial":true}\n${long}\nnot json\n{"serial":1}\n{"a":"b"}\n{"model":"é"}`;
  expect(await rowsOf('d.jsonl', text)).toEqual([
    { kind: 'row', line: 1, fields: { serial: 'S-1', model: '' } },
    { kind: 'row', line: 3, fields: { serial: 'yes' } },
    { kind: 'fault', line: 4, field: 'row', problem: 'has more than 65536 characters' },
    { kind: 'fault', line: 5, field: 'row', problem: 'is not one JSON object' },
    { kind: 'fault', line: 6, field: 'serial', problem: 'must be text' },
    { kind: 'fault', line: 7, field: 'row', problem: 'has a member that is not known; those that are: serial, model' },
    { kind: 'row', line: 8, fields: { model: 'é' } },
  ]);
});

test('a file that is not there, or of another form, is named', async () => {
  const first = async (path: string) => {
    for await (const row of readRows(path, columns)) return row;
    return null;
  };
  await expect(first(join(directory, 'none.csv'))).rejects.toThrow(/^There is no file/);
  await expect(first(directory)).rejects.toThrow(/must end in \.csv, \.jsonl or \.ndjson/);
  mkdirSync(join(directory, 'rows.csv'));
  await expect(first(join(directory, 'rows.csv'))).rejects.toThrow(/rows\.csv is a directory: name a file\.$/);
});

/** A manifest as a file: which columns it has, and its rows in batches that a request can carry. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import type { MAX_MANIFEST_ROWS, ManifestFault, ManifestRow } from '@windlass/management';
import { CommandError } from './errors.ts';
import { type ByteCounter, formOf, readRows } from './row-file.ts';

/** The columns of a file, and the members of a row that they become. */
const columnMembers: Readonly<Record<string, Exclude<keyof ManifestRow, 'line'>>> = {
  serial: 'serial',
  manufacturer: 'manufacturer',
  model: 'model',
  public_key: 'publicKey',
  certificate: 'certificate',
  claim_code_hash: 'claimCodeHash',
  organization: 'organization',
  order_number: 'orderNumber',
  label_proof: 'labelProof',
};

export const manifestColumns: readonly string[] = Object.keys(columnMembers);

/** Rows that one request carries: as many as it may. Written out, so that no command loads the client before it connects. */
const batchRows: typeof MAX_MANIFEST_ROWS = 500;
const batchCharacters = 1_500_000;
/** More than any field may have, so that the service says what is wrong with it. */
const maxFieldCharacters = 16_384;

/** Rows that follow one another. */
export interface Batch {
  readonly rows: readonly ManifestRow[];
  /** Rows of the same part of the file that cannot be read. */
  readonly faults: readonly ManifestFault[];
}

/** The file in batches, in its order. One batch is in memory. @throws CommandError */
export async function* readBatches(path: string, count: ByteCounter = () => {}): AsyncGenerator<Batch> {
  let rows: ManifestRow[] = [];
  let faults: ManifestFault[] = [];
  let characters = 0;
  for await (const found of readRows(path, manifestColumns, count)) {
    const row = found.kind === 'row' ? rowOf(found.line, found.fields) : found;
    if ('problem' in row) {
      const { line, field, problem } = row;
      faults.push({ line, field, problem });
      continue;
    }
    const size = Object.values(row).reduce<number>((sum, field) => sum + String(field).length, 0);
    if (rows.length >= batchRows || characters + size > batchCharacters) {
      yield { rows, faults };
      [rows, faults, characters] = [[], [], 0];
    }
    rows.push(row);
    characters += size;
  }
  if (rows.length + faults.length > 0) yield { rows, faults };
}

function rowOf(line: number, fields: Readonly<Record<string, string>>): ManifestRow | ManifestFault {
  const row: { -readonly [Member in keyof ManifestRow]: ManifestRow[Member] } = { line };
  for (const [column, member] of Object.entries(columnMembers)) {
    const field = fields[column];
    if (field === undefined || field === '') continue;
    if (field.length > maxFieldCharacters)
      return { line, field: column, problem: `has more than ${maxFieldCharacters} characters` };
    row[member] = field;
  }
  return row;
}

/** Which file it is: its SHA-256 in hexadecimal, and how long it is. @throws CommandError */
export async function identify(path: string): Promise<{ readonly digest: string; readonly bytes: number }> {
  formOf(path);
  const stat = statSync(path);
  // It is read more than once.
  if (!stat.isFile()) throw new CommandError(`${path} is not a regular file: name a manifest.`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { digest: hash.digest('hex'), bytes: stat.size };
}

/**
 * How a manifest gets to the service: the whole file is looked at first, and nothing is imported while any row is broken; then those batches are
 * sent that bring something. What was imported stays, so whoever is killed in the middle runs the same command again.
 */
import type { ManagementClient, ManifestFault } from '@windlass/management';
import { CommandError } from './errors.ts';
import { type Batch, identify, readBatches } from './manifest-file.ts';
import { type Progress, spaced } from './progress.ts';

export interface ManifestImport {
  /** SHA-256 of the file. */
  readonly import: string;
  readonly dryRun: boolean;
  readonly rows: number;
  /** Imported; in a dry run or with faults: what would be. */
  readonly added: number;
  readonly renewed: number;
  readonly unchanged: number;
  /** How many there are, and the first of them. */
  readonly faultCount: number;
  readonly faults: readonly ManifestFault[];
}

export interface ManifestJob {
  readonly client: ManagementClient;
  readonly path: string;
  /** For rows that name none. */
  readonly manufacturer: string | undefined;
  /** Whether rows that do not say it need a label proof. */
  readonly labelProof: boolean;
  readonly dryRun: boolean;
  readonly progress: Progress;
}

/** Faults that are listed. */
export const maxFaults = 100;

/** The manifest is imported whole, or it is said what is wrong with it. @throws CommandError, ManagementError */
export async function importManifestFile(job: ManifestJob): Promise<ManifestImport> {
  const file = await identify(job.path);
  const checked = await checkAll(job, file);
  const { brings, ...found } = checked;
  const result = { import: file.digest, dryRun: job.dryRun, ...found };
  if (found.faultCount > 0 || job.dryRun || brings.size === 0) return result;
  const after = await identify(job.path);
  if (after.digest !== file.digest) {
    throw new CommandError(`${job.path} was changed while it was read, and nothing was imported: run it again.`);
  }
  await sendAll(job, file.digest, checked);
  return result;
}

interface Checked extends Omit<ManifestImport, 'import' | 'dryRun'> {
  /** The batches that bring something, by their number. */
  readonly brings: ReadonlySet<number>;
}

async function checkAll(job: ManifestJob, file: { readonly digest: string; readonly bytes: number }): Promise<Checked> {
  const totals = { rows: 0, added: 0, renewed: 0, unchanged: 0, faultCount: 0 };
  const faults: ManifestFault[] = [];
  const brings = new Set<number>();
  const repeated = findRepeated();
  let [number, bytes] = [0, 0];
  const count = (chunk: Uint8Array) => {
    bytes += chunk.length;
  };
  for await (const batch of readBatches(job.path, count)) {
    const result =
      batch.rows.length === 0 ? null : await job.client.importManifest(requestOf(job, file.digest, batch, 'dry run'));
    const found = [...batch.faults, ...(result?.faults ?? []), ...repeated(batch, result?.keys ?? [])];
    if (result !== null && result.added + result.renewed > 0) brings.add(number);
    totals.rows += batch.rows.length + batch.faults.length;
    totals.added += result?.added ?? 0;
    totals.renewed += result?.renewed ?? 0;
    totals.unchanged += result?.unchanged ?? 0;
    totals.faultCount += found.length;
    faults.push(...found.sort((a, b) => a.line - b.line).slice(0, maxFaults - faults.length));
    number += 1;
    const percent = Math.min(Math.floor((100 * bytes) / file.bytes), 100);
    job.progress.show(`checking: ${percent} %, ${spaced(totals.rows)} rows, ${spaced(totals.faultCount)} faults`);
  }
  if (totals.rows === 0) throw new CommandError(`${job.path} has no rows: nothing is to be imported.`);
  return { ...totals, faults, brings };
}

async function sendAll(job: ManifestJob, digest: string, { brings, added, renewed }: Checked): Promise<void> {
  let [number, sent] = [0, 0];
  for await (const batch of readBatches(job.path)) {
    if (brings.has(number)) {
      const result = await job.client.importManifest(requestOf(job, digest, batch, 'import'));
      sent += result.added + result.renewed;
      job.progress.show(`importing: ${spaced(sent)} of ${spaced(added + renewed)}`);
    }
    number += 1;
  }
}

function requestOf(
  { manufacturer, labelProof }: ManifestJob,
  digest: string,
  batch: Batch,
  mode: 'dry run' | 'import',
) {
  return {
    import: digest,
    defaultManufacturer: manufacturer,
    defaultLabelProof: labelProof ? true : undefined,
    rows: [...batch.rows],
    dryRun: mode === 'dry run',
  };
}

/** The service sees a batch at a time: that a serial or a key came in an earlier one is found here. */
function findRepeated(): (batch: Batch, keys: readonly (string | null)[]) => readonly ManifestFault[] {
  const serials = new Map<string, number>();
  const lines = new Map<string, number>();
  return ({ rows }, keys) => {
    const first = rows[0]?.line ?? 0;
    const faults: ManifestFault[] = [];
    for (const [index, { line, serial = '', manufacturer = '' }] of rows.entries()) {
      const key = keys[index] ?? null;
      const id = `${serial}\n${manufacturer}`;
      const [serialLine, keyLine] = [serials.get(id), key === null ? undefined : lines.get(key)];
      const sentence = (at: number) => `stands in line ${at} already`;
      if (serialLine !== undefined && serialLine < first)
        faults.push({ line, field: 'serial', problem: sentence(serialLine) });
      if (keyLine !== undefined && keyLine < first)
        faults.push({ line, field: 'public_key', problem: sentence(keyLine) });
      if (serialLine === undefined) serials.set(id, line);
      if (key !== null && keyLine === undefined) lines.set(key, line);
    }
    return faults;
  };
}

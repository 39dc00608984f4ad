import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InputOf, ManagementClient, ManifestResult } from '@windlass/management';
import { afterAll, expect, test } from 'vitest';
import { importManifestFile, type ManifestJob, maxFaults } from './manifest-import.ts';

const directory = mkdtempSync(join(tmpdir(), 'windlass-manifest-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Sent = InputOf<'importManifest'>;

/** A service of a few lines: it has serials, and is killed before the batch with this number. */
function fakeService(killedBefore = Number.POSITIVE_INFINITY) {
  const has = new Set<string>();
  const written: Sent[] = [];
  let kill = killedBefore;
  const importManifest = async (sent: Sent): Promise<ManifestResult> => {
    const fresh = sent.rows.filter(({ serial = '' }) => !has.has(serial));
    if (!sent.dryRun) {
      if (written.length >= kill) throw new Error('killed');
      written.push(sent);
      for (const { serial = '' } of fresh) has.add(serial);
    }
    const keys = sent.rows.map(({ publicKey }) => publicKey ?? null);
    const faults = sent.rows
      .filter(({ publicKey }) => publicKey === 'broken')
      .map(({ line }) => ({ line, field: 'public_key', problem: 'is broken' }));
    return { added: fresh.length, renewed: 0, unchanged: sent.rows.length - fresh.length, faults, keys };
  };
  const client = { importManifest } as unknown as ManagementClient;
  return { has, written, client, revive: () => (kill = Number.POSITIVE_INFINITY) };
}

function fileOf(name: string, rows: readonly string[]): string {
  const path = join(directory, name);
  writeFileSync(path, `serial,public_key\n${rows.join('\n')}\n`);
  return path;
}

const rows = (count: number) => Array.from({ length: count }, (_, index) => `S-${index},key-${index}`);
const silent = { show: () => {}, end: () => {} };
const jobOf = (client: ManagementClient, path: string, change: Partial<ManifestJob> = {}): ManifestJob => ({
  client,
  path,
  manufacturer: undefined,
  labelProof: false,
  dryRun: false,
  progress: silent,
  ...change,
});

test('an import that was killed leaves whole batches, and the second run sends only the others', async () => {
  const service = fakeService(1);
  const path = fileOf('killed.csv', rows(1_700));
  await expect(importManifestFile(jobOf(service.client, path))).rejects.toThrow('killed');
  expect(service.has.size).toBe(500);
  service.revive();
  expect(await importManifestFile(jobOf(service.client, path))).toMatchObject({ added: 1_200, unchanged: 500 });
  expect(service.written.map((sent) => sent.rows.length)).toEqual([500, 500, 500, 200]);
  expect(new Set(service.written.map((sent) => sent.import)).size).toBe(1);
  expect(await importManifestFile(jobOf(service.client, path))).toMatchObject({ added: 0, unchanged: 1_700 });
  expect(service.written).toHaveLength(4);
});

test('one broken row anywhere: nothing is sent; faults of all batches are counted, and the first are listed', async () => {
  const service = fakeService();
  const broken = rows(1_200).map((row, index) => (index % 10 === 9 ? `S-${index},broken` : row));
  const result = await importManifestFile(jobOf(service.client, fileOf('broken.csv', broken)));
  // Each has the key of the one before it in an earlier batch, too.
  expect(result.faultCount).toBeGreaterThan(120);
  expect(result.faults).toHaveLength(maxFaults);
  expect(result.faults[0]).toEqual({ line: 11, field: 'public_key', problem: 'is broken' });
  expect(service.written).toEqual([]);
});

test('what stands in an earlier batch again is found, though the service sees one batch at a time', async () => {
  const service = fakeService();
  const again = fileOf('again.csv', [...rows(600), 'S-3,new', 'new,key-5']);
  expect((await importManifestFile(jobOf(service.client, again))).faults).toEqual([
    { line: 602, field: 'serial', problem: 'stands in line 5 already' },
    { line: 603, field: 'public_key', problem: 'stands in line 7 already' },
  ]);
});

test('a dry run sends nothing; a file without rows, and one that is no file, are named', async () => {
  const service = fakeService();
  const path = fileOf('dry.csv', rows(3));
  expect(await importManifestFile(jobOf(service.client, path, { dryRun: true }))).toMatchObject({
    added: 3,
    dryRun: true,
  });
  expect(service.written).toEqual([]);
  await expect(importManifestFile(jobOf(service.client, fileOf('none.csv', [])))).rejects.toThrow(/has no rows/);
  await expect(importManifestFile(jobOf(service.client, join(directory, 'missing.csv')))).rejects.toThrow(
    /^There is no file/,
  );
  await expect(importManifestFile(jobOf(service.client, directory))).rejects.toThrow(/must end in \.csv/);
  const pipe = join(directory, 'pipe.csv');
  execFileSync('mkfifo', [pipe]);
  await expect(importManifestFile(jobOf(service.client, pipe))).rejects.toThrow(/is not a regular file/);
});

test('a file that changes while it is read is not imported', async () => {
  const service = fakeService();
  const path = fileOf('changing.csv', rows(3));
  const progress = { ...silent, show: () => void fileOf('changing.csv', rows(4)) };
  await expect(importManifestFile(jobOf(service.client, path, { progress }))).rejects.toThrow(
    /was changed while it was read/,
  );
  expect(service.written).toEqual([]);
});

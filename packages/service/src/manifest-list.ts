// Manifests as operators look at them: what was imported, page by page.
import type { ManifestEntry } from '@windlass/management';
import { formatTime, parseSerial } from '@windlass/protocol';
import { fingerprintOfDigest } from './certificates.ts';
import type { Management } from './management.ts';
import { manufacturerNames } from './manufacturers.ts';
import { Refusal } from './refusal.ts';
import type { ManagementTables, ManifestDevice } from './store/management-ports.ts';

const DEFAULT_PAGE = 100;

/** A page of what was imported, by serial. @throws Refusal `not-found` (manufacturer) */
export async function listManifest(
  { store }: Management,
  input: {
    readonly order?: string;
    readonly afterSerial?: string;
    readonly afterManufacturer?: string;
    readonly limit?: number;
  },
): Promise<{ items: ManifestEntry[] }> {
  const { tables } = store;
  const nameOf = await manufacturerNames(tables, []);
  const { order = null, limit = DEFAULT_PAGE } = input;
  const rows = await tables.manifests.page({ order, after: await afterOf(tables, input), limit });
  return { items: rows.map((row) => entryOf(row, nameOf(row.manufacturer))) };
}

async function afterOf(
  tables: ManagementTables,
  { afterSerial, afterManufacturer }: { readonly afterSerial?: string; readonly afterManufacturer?: string },
) {
  if (afterSerial === undefined) return null;
  const all = await tables.manufacturers.all();
  const found =
    all.find(({ name }) => name === afterManufacturer) ?? (afterManufacturer === undefined ? all[0] : undefined);
  if (found === undefined)
    throw new Refusal('not-found', `There is no manufacturer ${afterManufacturer}: check the name.`);
  return { serial: parseSerial(afterSerial), manufacturer: found.keyDigest };
}

function entryOf(device: ManifestDevice, manufacturer: string): ManifestEntry {
  const { serial, model, key, codeHash, codeUsed, labelProof, organization, orderNumber, imported } = device;
  const code = codeHash === null ? 'none' : codeUsed === null ? 'ready' : 'used';
  const keyFingerprint = fingerprintOfDigest(key);
  return {
    serial,
    manufacturer,
    model,
    keyFingerprint,
    code,
    labelProof,
    organization,
    orderNumber,
    imported: formatTime(imported),
  };
}

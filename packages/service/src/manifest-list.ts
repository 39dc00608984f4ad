// Manifests as operators look at them: what was imported, page by page.
import type { ManifestEntry, PageInput } from '@windlass/management';
import { formatTime } from '@windlass/protocol';
import { fingerprintOfDigest } from './certificates.ts';
import type { Management } from './management.ts';
import { manufacturerNames } from './manufacturers.ts';
import { pageOf, wantedPage } from './paging.ts';
import type { ManifestDevice } from './store/management-ports.ts';

interface ManifestQuery extends PageInput {
  readonly order?: string;
  /** Those that somebody owns, or nobody. */
  readonly claimed?: boolean;
}

/** A page of what was imported, by serial. @throws Refusal `invalid-request` (the cursor) */
export async function listManifest(
  { store: { tables } }: Management,
  { order, claimed, ...input }: ManifestQuery,
): Promise<{ items: ManifestEntry[]; next: string | null }> {
  const page = wantedPage('manifest', { order, claimed }, { serial: 'string', manufacturer: 'string' }, input);
  const nameOf = await manufacturerNames(tables, []);
  const rows = await tables.manifests.page({ order: order ?? null, claimed, after: page.after, limit: page.limit + 1 });
  return pageOf(
    page,
    rows,
    (row) => row,
    (row) => entryOf(row, nameOf(row.manufacturer)),
  );
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

// Manifests: what manufacturers say of their devices before anybody saw them. Rows come in batches; a batch is imported whole, or nothing of it.
// What is known is never overwritten: a row that says something else is a fault. @see decisions/0012
import type { ManifestFault, ManifestResult, ManifestRow } from '@windlass/management';
import type { Digest, UnixSeconds } from '@windlass/protocol';
import { alertAbout } from './alerts.ts';
import { appendAudit } from './audit.ts';
import type { Actor, Management } from './management.ts';
import { knownBeside } from './manifest-conflicts.ts';
import { type AnnouncedDevice, judgeRow, type ManifestContext } from './manifest-rows.ts';
import { Refusal } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';

interface ManifestInput {
  /** SHA-256 of the file, hexadecimal. */
  readonly import: string;
  readonly defaultManufacturer?: string;
  readonly defaultLabelProof?: boolean;
  readonly rows: readonly ManifestRow[];
  readonly dryRun: boolean;
}

/** Conflicts that an alert quotes. */
const MAX_QUOTED = 5;

/**
 * The rows are imported, all of them, and their devices' keys are pinned; what was imported before stays as it is. Or it is said what would be
 * done, and of each row what is wrong with it: a row that contradicts what is known is also an alert.
 * @throws Refusal `manifest-refused`: rows have faults, and this is no dry run; nothing was imported
 */
export async function importManifest(
  management: Management,
  actor: Actor,
  input: ManifestInput,
): Promise<ManifestResult> {
  if (!input.dryRun) return management.store.transaction((tables) => write({ management, actor, tables, input }));
  const verdict = await judge(management, management.store.tables, input);
  if (verdict.conflicts.length > 0) {
    const [first] = verdict.conflicts;
    const detail = {
      import: input.import,
      conflicts: verdict.conflicts.length,
      first: verdict.conflicts.slice(0, MAX_QUOTED),
    };
    const object = `manifest ${input.import.slice(0, 8)} line ${first?.line}`;
    await alertAbout(management, actor, { kind: 'manifest-conflict', organization: null, object, detail });
  }
  return resultOf(verdict);
}

interface Writing {
  readonly management: Management;
  readonly actor: Actor;
  readonly tables: ManagementTables;
  readonly input: ManifestInput;
}

async function write({ management, actor, tables, input }: Writing): Promise<ManifestResult> {
  const now = management.now();
  const verdict = await judge(management, tables, input);
  const [fault] = [...verdict.faults, ...verdict.conflicts];
  if (fault !== undefined) {
    const sentence = `Line ${fault.line}: ${fault.field} ${fault.problem}. Nothing of these rows was imported.`;
    throw new Refusal('manifest-refused', sentence);
  }
  const { added, renewed } = verdict;
  await tables.manifests.add(added.map((device) => ({ ...device, importId: input.import, imported: now })));
  for (const { codeHash, ...device } of renewed) {
    if (codeHash !== null) await tables.manifests.replaceCode(device, codeHash, input.import);
  }
  if (added.length + renewed.length > 0) {
    const lines = { first: input.rows[0]?.line, last: input.rows.at(-1)?.line };
    const detail = { import: input.import, lines, added: added.length, renewed: renewed.length };
    const known = verdict.unchanged + renewed.length;
    // Of the devices of these rows.
    const change = { before: { devices: known }, after: { devices: known + added.length } };
    const event = { time: now, actor, act: 'manifest.import', outcome: 'done', organization: null } as const;
    await appendAudit(tables.audit, { ...event, object: `manifest ${input.import.slice(0, 8)}`, detail, change });
  }
  return resultOf(verdict);
}

/** What the rows are, beside what is known. */
interface Verdict {
  readonly added: readonly (AnnouncedDevice & { readonly codeUsed: UnixSeconds | null })[];
  readonly renewed: readonly AnnouncedDevice[];
  readonly unchanged: number;
  readonly faults: readonly ManifestFault[];
  /** Faults that are how a cloned device, or a mixed-up one, looks like. */
  readonly conflicts: readonly ManifestFault[];
  readonly keys: readonly (Digest | null)[];
}

async function judge(management: Management, tables: ManagementTables, input: ManifestInput): Promise<Verdict> {
  const context = await contextOf(tables, input);
  const rows = input.rows.map((row) => judgeRow(row, context));
  const known = await knownBeside(management, tables, rows);
  const added: (AnnouncedDevice & { readonly codeUsed: UnixSeconds | null })[] = [];
  const renewed: AnnouncedDevice[] = [];
  const conflicts: ManifestFault[] = [];
  let unchanged = 0;
  for (const { line, device } of rows) {
    if (device === null) continue;
    const contradictions = known.contradictionsOf(device, line);
    conflicts.push(...contradictions.map((contradiction) => ({ line, ...contradiction })));
    if (contradictions.length > 0) continue;
    const owned = known.claimOf(device)?.organization ?? null;
    const before = known.deviceOf(device);
    // Whoever has the device now did not need the code, and whoever comes next must not have it.
    if (before === null)
      added.push({ ...device, codeUsed: owned === null || device.codeHash === null ? null : management.now() });
    else if (before.codeHash === device.codeHash) unchanged += 1;
    else renewed.push(device);
  }
  return {
    added,
    renewed,
    unchanged,
    faults: rows.flatMap(({ faults }) => faults),
    conflicts,
    keys: rows.map(({ key }) => key),
  };
}

function resultOf({ added, renewed, unchanged, faults, conflicts, keys }: Verdict): ManifestResult {
  const all = [...faults, ...conflicts].sort((a, b) => a.line - b.line);
  return { added: added.length, renewed: renewed.length, unchanged, faults: all, keys: [...keys] };
}

async function contextOf(
  tables: ManagementTables,
  { defaultManufacturer = null, defaultLabelProof = false }: Partial<ManifestContext>,
): Promise<ManifestContext> {
  const manufacturers = new Map((await tables.manufacturers.all()).map(({ name, keyDigest }) => [name, keyDigest]));
  const organizations = new Map((await tables.organizations.all()).map(({ name }) => [String(name), name]));
  return { manufacturers, organizations, defaultManufacturer, defaultLabelProof };
}

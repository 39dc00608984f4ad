// The audit: every act and every refusal, append-only, each entry chained to the one before by a hash. Who changes or
// removes an entry in the middle breaks the chain; who cuts the end off is found by whoever wrote down a later hash.
import { createHash } from 'node:crypto';
import type { AuditEntries, AuditEntry, AuditPage, ChainCheck } from '@windlass/management';
import { formatTime, type UnixSeconds } from '@windlass/protocol';
import { parseDateOrTime } from './date-or-time.ts';
import type { Actor, Management } from './management.ts';
import type { AuditFilter, AuditRow, AuditTable } from './store/management-ports.ts';

/** What is to be written down: nothing is done without saying what it changed. */
export type AuditEvent =
  | (EventBase & { readonly outcome: 'refused' })
  | (EventBase & {
      readonly outcome: 'done';
      readonly change: Change;
      /** Why, in the words of who did it. */
      readonly reason?: string | null | undefined;
    });

interface EventBase {
  readonly time: UnixSeconds;
  readonly actor: Actor;
  readonly act: string;
  readonly organization: string | null;
  readonly object: string;
  /** What a reader needs to know beside that; no secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What was there before, and what is there now; null: nothing. No secrets. */
export interface Change {
  readonly before: object | null;
  readonly after: object | null;
}

/** The `previousHash` of the first entry. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64);
const DEFAULT_PAGE_ENTRIES = 100;
/** As many as are hashed while others wait. */
const VERIFY_CHUNK_ENTRIES = 200;

/** The entry is the last of the chain; returns its id. To be called in the transaction of the act it tells of. */
export async function appendAudit(table: AuditTable, event: AuditEvent): Promise<number> {
  const last = await table.last();
  const entry = {
    id: (last?.id ?? 0) + 1,
    time: event.time,
    actor: event.actor.name,
    role: event.actor.role,
    address: event.actor.address,
    act: event.act,
    outcome: event.outcome,
    organization: event.organization,
    object: event.object,
    detail: canonicalJson(detailOfEvent(event)),
    previousHash: last?.hash ?? FIRST_PREVIOUS_HASH,
  };
  await table.add({ ...entry, hash: hashOf(entry) });
  return entry.id;
}

function detailOfEvent(event: AuditEvent): Readonly<Record<string, unknown>> {
  if (event.outcome === 'refused') return event.detail;
  const { detail, change, reason } = event;
  const { before, after } = change;
  return { ...detail, before, after, ...(reason === undefined || reason === null ? {} : { reason }) };
}

/** 'intact', or the id of the first entry that was changed, or after which one is missing. */
export async function verifyAudit(table: AuditTable): Promise<AuditPage['chain']> {
  let expected: ChainEnd = { id: 1, previousHash: FIRST_PREVIOUS_HASH };
  for (;;) {
    const rows = await table.after(expected.id - 1, VERIFY_CHUNK_ENTRIES);
    const { chain, next } = follow(rows, expected);
    if (chain !== 'intact' || rows.length < VERIFY_CHUNK_ENTRIES) return chain;
    expected = next;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What the next entry must be. */
interface ChainEnd {
  readonly id: number;
  readonly previousHash: string;
}

function follow(
  rows: readonly AuditRow[],
  start: ChainEnd,
): { readonly chain: AuditPage['chain']; readonly next: ChainEnd } {
  let next = start;
  for (const { hash, ...entry } of rows) {
    const follows = entry.id === next.id && entry.previousHash === next.previousHash;
    if (!follows || hashOf(entry) !== hash) return { chain: { brokenAt: entry.id }, next };
    next = { id: entry.id + 1, previousHash: hash };
  }
  return { chain: 'intact', next };
}

/** Which entries, as requests name them. */
export interface AuditQuery {
  readonly organization: string | null;
  readonly act?: string;
  readonly actor?: string;
  readonly outcome?: 'done' | 'refused';
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
}

/** A page, newest first, of one organization or of all, with the state of the whole chain. */
export async function listAudit(
  management: Management,
  query: AuditQuery & { readonly before?: number },
): Promise<AuditPage> {
  const { audit } = management.store.tables;
  const { before = null, limit = DEFAULT_PAGE_ENTRIES } = query;
  const rows = await audit.page({ ...filterOf(query), before, limit });
  return { entries: rows.map(entryOf), chain: await verifyOnce(audit) };
}

/** A piece, oldest first; whoever asks goes on after its last entry, until a piece is empty. */
export async function exportAudit(
  management: Pick<Management, 'store'>,
  query: AuditQuery & { readonly after?: number },
): Promise<AuditEntries> {
  const { after = 0, limit = DEFAULT_PAGE_ENTRIES } = query;
  const rows = await management.store.tables.audit.after(after, limit, filterOf(query));
  return { entries: rows.map(entryOf) };
}

function filterOf({ organization, act, actor, outcome, since, until }: AuditQuery): AuditFilter {
  return {
    organization,
    ...(act === undefined ? {} : { act }),
    ...(actor === undefined ? {} : { actor }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(since === undefined ? {} : { since: parseDateOrTime(since) }),
    ...(until === undefined ? {} : { until: parseDateOrTime(until) }),
  };
}

/** One piece of the chain holds, or this is its first entry that does not. Whoever asks goes on after its last entry. */
export async function verifyAuditPiece(
  management: Management,
  { after = 0, limit = DEFAULT_PAGE_ENTRIES }: { readonly after?: number; readonly limit?: number },
): Promise<ChainCheck> {
  const { audit } = management.store.tables;
  const before = after === 0 ? null : await audit.at(after);
  if (after !== 0 && before === null) return { checked: 0, chain: { brokenAt: after }, last: null };
  const start = { id: after + 1, previousHash: before?.hash ?? FIRST_PREVIOUS_HASH };
  const rows = await audit.after(after, limit);
  const { chain } = follow(rows, start);
  const last = rows.at(-1);
  return { checked: rows.length, chain, last: last === undefined ? null : { id: last.id, hash: last.hash } };
}

const verifications = new WeakMap<AuditTable, Promise<AuditPage['chain']>>();

/** Whoever asks while the chain is being verified gets the result of that: the audit is long, and approvers ask when they like. */
function verifyOnce(table: AuditTable): Promise<AuditPage['chain']> {
  const running = verifications.get(table) ?? verifyAudit(table).finally(() => verifications.delete(table));
  verifications.set(table, running);
  return running;
}

/**
 * JSON with the members of every object in the order of their names and without space, so that equal values have equal
 * texts. Members that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

/** SHA-256, hexadecimal, of the canonical JSON of everything but the hash itself; `detail` stands in it as text. */
function hashOf(entry: Omit<AuditRow, 'hash'>): string {
  return createHash('sha256').update(canonicalJson(entry)).digest('hex');
}

function entryOf({ time, detail, ...same }: AuditRow): AuditEntry {
  return { ...same, time: formatTime(time), detail: detailOf(detail) };
}

/** Somebody may have written anything into the row; the chain says so, the page must not fail. */
function detailOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : { text };
  } catch {
    return { text };
  }
}

// The one way in which the service signs claims anew: the same device, owner and ownership as a new generation, with the publishers and the
// epoch that the owner has now, or will have. Why, says the audit, batch by batch. @see spec S12
import { type Digest, digestOf, encodeClaim, formatTime, type OrganizationId, parseClaim } from '@windlass/protocol';
import { appendAudit } from './audit.ts';
import { fingerprintOf, timeOf } from './certificates.ts';
import { claimEnd } from './claims.ts';
import { findOpen } from './job-progress.ts';
import { keptProof } from './label-proofs.ts';
import { type Management, SYSTEM } from './management.ts';
import { type Signer, SignerError, signEnvelope } from './signer/ports.ts';
import type { ClaimRow, ManagementTables } from './store/management-ports.ts';
import type { StoredJob } from './store/management-ports-publishers.ts';

/** Why claims are signed anew. */
export type RenewalReason = 'claim-authority-revoked' | 'publishers-changed' | 'ends-soon' | 'epoch-raised';

/** What a claim says of its owner. */
export interface Owner {
  readonly epoch: number;
  /** DER of the publisher anchors, in order. */
  readonly publishers: readonly Uint8Array[];
}

/** Claims to be signed anew together, in one transaction. */
export interface RenewalBatch {
  readonly due: readonly ClaimRow[];
  readonly authority: Signer;
  readonly reason: RenewalReason;
  /** What the new claim of a row says. */
  readonly ownerOf: (row: ClaimRow) => Owner;
  /** The one organization that it is about, and the job that asked for it. */
  readonly job?: StoredJob;
}

/** Claims that are looked through at once, and signed in one transaction. */
export const BATCH_CLAIMS = 200;

/** The batch is the current one of its devices; one that was replaced since it was read is left as it is. Returns how many. */
export function renewBatch(management: Management, batch: RenewalBatch): Promise<number> {
  return signBatch(management, batch, async ({ claims }, row) => {
    const current = await claims.current(row.manufacturer, row.serial);
    if (current?.generation !== row.generation - 1) return false;
    await claims.add(row);
    return true;
  });
}

/**
 * The batch is staged for the epoch that has not begun: devices get nothing of it. What was replaced since it was read is left, and what another
 * instance staged. Returns how many.
 */
export function stageBatch(management: Management, batch: RenewalBatch): Promise<number> {
  return signBatch(management, batch, async ({ claims, nextEpoch }, row) => {
    const current = await claims.current(row.manufacturer, row.serial);
    if (row.organization === null || current?.generation !== row.generation - 1) return false;
    return nextEpoch.putClaim({ ...row, organization: row.organization });
  });
}

async function signBatch(
  management: Management,
  batch: RenewalBatch,
  store: (tables: ManagementTables, row: ClaimRow) => Promise<boolean>,
): Promise<number> {
  const signed: Renewed[] = [];
  for (const before of batch.due) {
    const row = await signAnew(management, before, batch);
    if (row !== null) signed.push({ before, row });
    await othersFirst();
  }
  if (signed.length === 0) return 0;
  const time = management.now();
  return management.store.transaction(async (tables) => {
    // Another instance may have ended the job: nothing is to be left for the next one.
    if (batch.job !== undefined && (await findOpen(tables, batch.job)) === null) return 0;
    const stored: Renewed[] = [];
    for (const each of signed) if (await store(tables, each.row)) stored.push(each);
    // Another instance was faster.
    if (stored.length === 0) return 0;
    const event = { time, actor: SYSTEM, act: 'claim.renew', outcome: 'done' } as const;
    await appendAudit(tables.audit, { ...event, ...auditOf(batch, stored) });
    return stored.length;
  });
}

/** A claim, and what follows it. */
interface Renewed {
  readonly before: ClaimRow;
  readonly row: ClaimRow;
}

function auditOf({ authority, reason, job }: RenewalBatch, stored: readonly Renewed[]) {
  const [leaf] = authority.chain;
  const count = stored.length;
  const range = { first: stored[0]?.row.serial, last: stored.at(-1)?.row.serial };
  const asked = job === undefined ? {} : { job: job.id, epoch: job.epoch };
  const detail = { reason, count, ...range, claimAuthority: leaf && fingerprintOf(leaf.der), ...asked };
  const change = {
    before: rangesOf(stored.map(({ before }) => before)),
    after: rangesOf(stored.map(({ row }) => row)),
  };
  return { organization: job?.organization ?? null, object: `${count} claim(s)`, detail, change };
}

/** From the least to the greatest of each; owner, ownership and network are not changed. */
function rangesOf(rows: readonly ClaimRow[]): Readonly<Record<string, unknown>> {
  const range = (of: (row: ClaimRow) => number) => [Math.min(...rows.map(of)), Math.max(...rows.map(of))];
  const expires = range((row) => row.expires).map((time) => formatTime(timeOf(time)));
  return { generations: range(({ generation }) => generation), epochs: range(({ epoch }) => epoch), expires };
}

async function signAnew(
  management: Management,
  before: ClaimRow,
  { authority, ownerOf }: RenewalBatch,
): Promise<ClaimRow | null> {
  const owner = ownerOf(before);
  if (canSignAnew(management.service, before, owner)) return signNext(management, before, { authority, owner });
  // They may be again those of before.
  const earlier = await management.store.tables.claims.ofOwnership(before);
  const labelProof = keptProof(management.service, earlier, owner.publishers.map(digestOf));
  if (labelProof === null) return null; // spec S30
  return signNext(management, before, { authority, owner, labelProof });
}

/** The next generation of the claim, with the proof it has or another. @throws SignerError */
export async function signNext(
  { service, now }: Pick<Management, 'service' | 'now'>,
  before: ClaimRow,
  { authority, owner, labelProof }: { readonly authority: Signer; readonly owner: Owner; readonly labelProof?: Digest },
): Promise<ClaimRow> {
  const generation = before.generation + 1;
  const expires = claimEnd(authority, now());
  const { epoch, publishers } = owner;
  const claim = parseClaim(before.envelope.payload, service);
  const said = { ...claim, generation, expires, epoch, publishers };
  const payload = encodeClaim(labelProof === undefined ? said : { ...said, labelProof });
  const envelope = await signEnvelope(authority, payload);
  return { ...before, generation, expires, epoch, digest: digestOf(payload), envelope };
}

/** A label proof is over the publishers, and only who has the code of the label makes another (spec D21, S30). */
export function canSignAnew(service: Management['service'], row: ClaimRow, { publishers }: Owner): boolean {
  const claim = parseClaim(row.envelope.payload, service);
  return claim.labelProof === undefined || isSame(claim.publishers, publishers);
}

/** Whether a claim names other publishers than its owner has. */
export function namesOthers(service: Management['service'], row: ClaimRow, { publishers }: Owner): boolean {
  return !isSame(parseClaim(row.envelope.payload, service).publishers, publishers);
}

function isSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((der, index) => Buffer.compare(der, others[index] ?? der) === 0);
}

/** What claims say of each organization now, and of nobody. */
export async function currentOwners(tables: ManagementTables): Promise<(row: ClaimRow) => Owner> {
  const organizations = await tables.organizations.all();
  const owners = new Map<OrganizationId, Owner>(
    organizations.map(({ name, epoch, publishers }) => [
      name,
      { epoch, publishers: publishers.map(({ anchor }) => anchor) },
    ]),
  );
  return ({ organization }) => (organization === null ? NOBODY : (owners.get(organization) ?? NOBODY));
}

const NOBODY: Owner = { epoch: 0, publishers: [] };

/** null: there is none that may sign, and health says so. */
export async function authorityNow(management: Management): Promise<Signer | null> {
  try {
    return await management.keys.claimAuthority(management.now());
  } catch (cause) {
    if (cause instanceof SignerError) return null;
    throw cause;
  }
}

/** Whoever waits for an answer of this process gets it before this goes on. */
export function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

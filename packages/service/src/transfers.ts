// A device goes from one organization to another: the owner's approver offers, somebody of the other organization accepts, and only then it
// changes hands. Neither learns anything of the other: who offers does not learn whether the other exists.
import type { ClaimEntry, LabelProof, PageInput, TransferEntry } from '@windlass/management';
import { formatTime, parseOrganizationId, unixSeconds } from '@windlass/protocol';
import { appendAudit, type Change } from './audit.ts';
import { changeOwner, doneOf, ownDevice } from './claims.ts';
import { type Actor, type Management, perform } from './management.ts';
import { manufacturerNames } from './manufacturers.ts';
import { findNamedNetwork } from './networks.ts';
import { findOrganization } from './organizations.ts';
import { pageOf, wantedPage } from './paging.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ClaimRow, ManagementTables, Transfer } from './store/management-ports.ts';

const DEFAULT_DAYS = 7;
const DAY_SECONDS = 86_400;
const ID_BYTES = 16;

/**
 * The device is offered to the organization `to`, for `days` days.
 * @throws Refusal `invalid-request` (to oneself), `not-found`, `ambiguous-manufacturer`, `exists` (offered already)
 */
export async function offerTransfer(
  management: Management,
  actor: Actor,
  input: { readonly serial: string; readonly manufacturer?: string; readonly to: string; readonly days?: number },
): Promise<TransferEntry> {
  return perform(management, actor, 'transfer.offer', async (tables, now) => {
    const { device, claim } = await ownDevice(tables, actor, input);
    const { serial } = device;
    const from = claim.organization;
    const to = parseOrganizationId(input.to);
    refuseUnless(
      to !== from,
      'invalid-request',
      `Device ${serial} belongs to ${from} already: name another organization.`,
    );
    const open = (await tables.transfers.openOf(claim)).find(
      (one) => one.ownership === claim.ownership && one.expires >= now,
    );
    const standing = `Device ${serial} is offered to ${open?.to} already: revoke that offer first ("transfer list" has its id).`;
    refuseUnless(open === undefined, 'exists', standing);
    const transfer: Transfer = {
      id: Buffer.from(management.randomBytes(ID_BYTES)).toString('hex'),
      manufacturer: claim.manufacturer,
      serial,
      ownership: claim.ownership,
      from,
      to,
      offered: now,
      offeredBy: actor.name,
      expires: unixSeconds(now + (input.days ?? DEFAULT_DAYS) * DAY_SECONDS),
      ended: null,
      outcome: null,
    };
    await tables.transfers.add(transfer);
    const result = entryOf(transfer, 'open');
    const object = `device ${device.manufacturer.name}/${serial}`;
    const change = { before: null, after: { state: 'open', to, expires: result.expires } };
    return { result, organization: from, object, detail: { transfer: transfer.id }, change };
  });
}

/**
 * The device belongs to the actor's organization, which it was offered to: ownership and generation rise, and the audit of both says so.
 * @throws Refusal `not-found`, `transfer-ended`, and as `proofFor`; SignerError
 */
export async function acceptTransfer(
  management: Management,
  actor: Actor,
  input: { readonly id: string; readonly network?: string; readonly labelProof?: LabelProof },
): Promise<ClaimEntry> {
  return perform(management, actor, 'transfer.accept', async (tables, now) => {
    const transfer = await visible(tables, input.id, ({ to }) => to === actor.organization);
    await refuseEnded(tables, transfer, now);
    const owner = await findOrganization(tables, transfer.to);
    const network = await findNamedNetwork(tables, owner.name, input.network);
    const before = await tables.claims.current(transfer.manufacturer, transfer.serial);
    const registered = await tables.registeredDevices.withSerial(transfer.serial);
    const name = (await manufacturerNames(tables, registered === null ? [] : [registered]))(transfer.manufacturer);
    const device = { manufacturer: { keyDigest: transfer.manufacturer, name }, serial: transfer.serial };
    const next = { owner, network, before, labelProof: input.labelProof };
    const row = await changeOwner({ management, tables, now }, device, next);
    await tables.transfers.end(transfer.id, 'accepted', now);
    const { change, ...done } = doneOf(row, name, { organization: owner.name, before });
    const [former, own] = apart(change);
    const event = { time: now, actor: fromOutside(actor), act: 'transfer.accept', outcome: 'done' } as const;
    const toFormer = { organization: transfer.from, object: done.object, detail: { transfer: transfer.id } };
    await appendAudit(tables.audit, { ...event, ...toFormer, change: former });
    return { ...done, detail: { ...done.detail, transfer: transfer.id }, change: own };
  });
}

/** What each of the two reads of it: neither learns on which network the other has the device. */
function apart({ before, after }: ReturnType<typeof doneOf>['change']): readonly [former: Change, own: Change] {
  const { network: _, ...here } = after;
  const { network: __, ...there } = before ?? { network: null };
  return [
    { before, after: here },
    { before: there, after },
  ];
}

/** What the former owner reads of who accepted: the organization, and nothing of its people. */
function fromOutside(actor: Actor): Actor {
  return { ...actor, name: `${actor.role} of ${actor.organization}`, person: null, address: 'not shown' };
}

/** The offer stands no longer. @throws Refusal `not-found`, `transfer-ended` */
export async function revokeTransfer(
  management: Management,
  actor: Actor,
  input: { readonly id: string },
): Promise<TransferEntry> {
  return perform(management, actor, 'transfer.revoke', async (tables, now) => {
    const transfer = await visible(tables, input.id, ({ from }) => from === actor.organization);
    await refuseEnded(tables, transfer, now);
    await tables.transfers.end(transfer.id, 'revoked', now);
    const object = `device ${transfer.serial}`;
    const detail = { transfer: transfer.id, to: transfer.to };
    const change = { before: { state: 'open' }, after: { state: 'revoked' } };
    return { result: entryOf(transfer, 'revoked'), organization: transfer.from, object, detail, change };
  });
}

interface TransferQuery extends PageInput {
  readonly organization?: string | undefined;
  /** Those that can be accepted now, or cannot. */
  readonly open?: boolean;
}

/** What was offered by and to the organization, newest first; without one, everything. @throws Refusal `not-found`, `invalid-request` (the cursor) */
export async function listTransfers(
  management: Management,
  { open, ...input }: TransferQuery,
): Promise<{ items: TransferEntry[]; next: string | null }> {
  const { tables } = management.store;
  const owner = input.organization === undefined ? null : await findOrganization(tables, input.organization);
  const organization = owner?.name ?? null;
  const page = wantedPage('transfers', { organization, open }, { offered: 'number', id: 'string' }, input);
  const now = management.now();
  const rows = await tables.transfers.page({
    organization,
    open: open === undefined ? undefined : { is: open, at: now },
    after: page.after,
    limit: page.limit + 1,
  });
  const claims = await tables.claims.amongSerials(rows.map(({ serial }) => serial));
  const itemOf = (transfer: Transfer) => entryOf(transfer, stateOf(transfer, claims, now));
  return pageOf(page, rows, (transfer) => transfer, itemOf);
}

/** One transfer that was offered by or to the actor's organization; for the operator of the service, any. @throws Refusal `not-found` */
export async function showTransfer(
  management: Management,
  actor: Actor,
  input: { readonly id: string },
): Promise<TransferEntry> {
  const { tables } = management.store;
  const { role, organization } = actor;
  const isTheirs = ({ from, to }: Transfer) => role === 'admin' || from === organization || to === organization;
  const transfer = await visible(tables, input.id, isTheirs);
  return entryOf(transfer, await currentState(tables, transfer, management.now()));
}

async function visible(
  { transfers }: ManagementTables,
  id: string,
  isTheirs: (transfer: Transfer) => boolean,
): Promise<Transfer> {
  const found = await transfers.find(id);
  if (found !== null && isTheirs(found)) return found;
  throw new Refusal('not-found', `There is no transfer ${id}: "transfer list" has those of your organization.`);
}

async function refuseEnded(tables: ManagementTables, transfer: Transfer, now: number): Promise<void> {
  const state = await currentState(tables, transfer, now);
  const sentence = `This transfer is ${state}: the owner has to offer device ${transfer.serial} again.`;
  refuseUnless(state === 'open', 'transfer-ended', sentence);
}

async function currentState({ claims }: ManagementTables, transfer: Transfer, now: number) {
  return stateOf(transfer, await claims.withSerial(transfer.serial), now);
}

/** `current` has the current claim of the device, if there is one. */
function stateOf(transfer: Transfer, current: readonly ClaimRow[], now: number): TransferEntry['state'] {
  if (transfer.outcome !== null) return transfer.outcome;
  if (transfer.expires < now) return 'expired';
  const { manufacturer, serial, ownership } = transfer;
  const claim = current.find((one) => one.manufacturer === manufacturer && one.serial === serial);
  return claim?.ownership === ownership ? 'open' : 'void';
}

function entryOf({ id, serial, from, to, offered, expires }: Transfer, state: TransferEntry['state']): TransferEntry {
  return { id, serial, from, to, offered: formatTime(offered), expires: formatTime(expires), state };
}

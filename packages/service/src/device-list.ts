// The list of devices, a page at a time. What is read is bounded, however many devices there are: owners are in one database, what devices were
// told in another, so a page that is looked for by both may be short.
import type { Device, PageInput } from '@windlass/management';
import type { DeviceId, Serial } from '@windlass/protocol';
import { compareIds, join } from './devices.ts';
import type { Management } from './management.ts';
import { findOrganization } from './organizations.ts';
import { pageOf, wantedPage } from './paging.ts';
import type { ClaimedDevicePage } from './store/management-ports.ts';

/** Devices that are looked at for one page, when only some of them are wanted. */
export const MAX_LOOKED_AT = 5_000;
const BATCH_DEVICES = 500;

interface DeviceQuery extends PageInput {
  readonly organization?: string | undefined;
  readonly network?: string | undefined;
  readonly serialPrefix?: string | undefined;
  /** What a device was told last; `never`: nothing yet. */
  readonly lastOutcome?: string | undefined;
  readonly unplaced?: boolean | undefined;
}

/**
 * Devices by serial: those that the organization owns; without one, every device that is claimed, was, was seen, or is registered.
 * @throws Refusal `not-found`, `invalid-request` (the cursor)
 */
export async function listDevices(
  management: Management,
  { limit, after, lastOutcome, ...query }: DeviceQuery,
): Promise<{ items: Device[]; next: string | null }> {
  const { tables } = management.store;
  const owner = query.organization === undefined ? null : await findOrganization(tables, query.organization);
  const which = { ...query, organization: owner?.name ?? null };
  const page = wantedPage(
    'devices',
    { ...which, lastOutcome },
    { serial: 'string', manufacturer: 'string' },
    { limit, after },
  );
  const found: Found[] = [];
  let position = page.after;
  for (let looked = 0; found.length <= page.limit; ) {
    // Where every device counts, one batch is the page.
    const size = lastOutcome === undefined ? page.limit + 1 : BATCH_DEVICES;
    const batch = await nextDevices(management, which, position, size);
    found.push(...batch.filter(({ device }) => lastOutcome === undefined || outcomeOf(device) === lastOutcome));
    const last = batch.at(-1);
    if (last === undefined || batch.length < size) break;
    position = last.id;
    looked += batch.length;
    if (looked >= MAX_LOOKED_AT && found.length <= page.limit) {
      return { items: found.map(({ device }) => device), next: page.cursorAt(position) };
    }
  }
  return pageOf(
    page,
    found,
    ({ id }) => id,
    ({ device }) => device,
  );
}

interface Found {
  readonly id: DeviceId;
  readonly device: Device;
}

const outcomeOf = ({ lastOutcome }: Device) => lastOutcome ?? 'never';

type Which = Omit<ClaimedDevicePage, 'after' | 'limit'>;

/** The next devices after that position, whole. */
async function nextDevices(
  management: Management,
  which: Which,
  after: ClaimedDevicePage['after'],
  limit: number,
): Promise<readonly Found[]> {
  const { tables } = management.store;
  const page = { ...which, after, limit };
  const isOwned = which.organization !== null || which.network !== undefined || which.unplaced !== undefined;
  if (isOwned) {
    const claims = await tables.claims.devices(page);
    const serials = claims.map(({ serial }) => serial);
    const seen = await management.devices.amongSerials(serials);
    return join(tables, {
      claims,
      seen,
      registered: await tables.registeredDevices.amongSerials(serials),
      which: 'claimed',
    });
  }
  const ids = await nextIds(management, page);
  const serials = [...new Set(ids.map(({ serial }) => serial))];
  const devices = await join(tables, {
    claims: await tables.claims.amongSerials(serials),
    seen: await management.devices.amongSerials(serials),
    registered: await tables.registeredDevices.amongSerials(serials),
    which: 'all',
  });
  // Another device with one of these serials may be on another page.
  const wanted = new Set(ids.map(keyOf));
  return devices.filter(({ id }) => wanted.has(keyOf(id)));
}

/** The first ids of each place are, together, at least the first of all of them. */
async function nextIds(management: Management, page: ClaimedDevicePage): Promise<readonly DeviceId[]> {
  const { tables } = management.store;
  const ids: readonly DeviceId[] = [
    ...(await tables.claims.devices(page)),
    ...(await management.devices.page(page)),
    // The manufacturer of a self-signed device is its own key (spec F6).
    ...(await tables.registeredDevices.page(page)).map(({ keyDigest, serial }) => ({
      manufacturer: keyDigest,
      serial,
    })),
  ];
  const distinct = new Map(
    ids.map(({ manufacturer, serial }) => [keyOf({ manufacturer, serial }), { manufacturer, serial }]),
  );
  return [...distinct.values()].sort(compareIds).slice(0, page.limit);
}

const keyOf = ({ manufacturer, serial }: { readonly manufacturer: string; readonly serial: Serial }) =>
  `${manufacturer} ${serial}`;

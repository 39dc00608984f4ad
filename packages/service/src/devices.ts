// Devices as operators see them: what the claims say, joined with what the device side saw.
import type { Device, DeviceReport } from '@windlass/management';
import { type Digest, formatTime, parseSerial, type UnixSeconds } from '@windlass/protocol';
import { fingerprintOfDigest } from './certificates.ts';
import type { Actor, Management } from './management.ts';
import { findOrganization } from './organizations.ts';
import { Refusal } from './refusal.ts';
import type { ClaimRow } from './store/management-ports.ts';
import type { SeenDevice, StoredReport } from './store/ports.ts';

/** Every device that is claimed by the organization; without one, every device that is claimed, was, or was seen. @throws Refusal `not-found` */
export async function listDevices(management: Management, organization: string | null): Promise<{ items: Device[] }> {
  const { tables } = management.store;
  const owner = organization === null ? null : await findOrganization(tables, organization);
  const claims = await tables.claims.currentOf(owner?.name ?? null);
  const seen = await management.devices.devices();
  return { items: await join(management, claims, seen, owner === null ? 'claimed or seen' : 'claimed') };
}

/**
 * The device with that serial. For an approver only their organization's devices exist.
 * @throws Refusal `not-found`, `ambiguous-manufacturer`
 */
export async function showDevice(
  management: Management,
  actor: Actor,
  input: { readonly serial: string; readonly manufacturer?: string },
): Promise<Device> {
  const serial = parseSerial(input.serial);
  const claims = await management.store.tables.claims.withSerial(serial);
  const visible = actor.role === 'admin' ? claims : claims.filter((claim) => claim.organization === actor.organization);
  const seen = await management.devices.devices({ serial });
  const all = await join(management, visible, seen, actor.role === 'admin' ? 'claimed or seen' : 'claimed');
  const named = all.filter(
    ({ manufacturer }) => input.manufacturer === undefined || manufacturer === input.manufacturer,
  );
  const [device, another] = named;
  if (device === undefined) {
    throw new Refusal('not-found', `There is no device ${serial}: check the serial and the manufacturer.`);
  }
  if (another === undefined) return device;
  throw new Refusal(
    'ambiguous-manufacturer',
    `More than one manufacturer has a device ${serial}: name the manufacturer.`,
  );
}

async function join(
  management: Management,
  claims: readonly ClaimRow[],
  seen: readonly SeenDevice[],
  which: 'claimed' | 'claimed or seen',
): Promise<Device[]> {
  const manufacturers = await management.store.tables.manufacturers.all();
  const names = new Map(manufacturers.map(({ keyDigest, name }) => [keyDigest, name]));
  const nameOf = (manufacturer: Digest) => names.get(manufacturer) ?? manufacturer;
  const seenById = new Map(seen.map((device) => [idOf(device), device]));
  const claimed = new Set(claims.map(idOf));
  const unclaimed = which === 'claimed' ? [] : seen.filter((device) => !claimed.has(idOf(device)));
  return [
    ...claims.map((claim) => deviceOf(claim, seenById.get(idOf(claim)) ?? null, nameOf(claim.manufacturer))),
    ...unclaimed.map((device) => deviceOf(null, device, nameOf(device.manufacturer))),
  ].sort((a, b) => (a.serial < b.serial ? -1 : 1));
}

function idOf({ manufacturer, serial }: Pick<SeenDevice, 'manufacturer' | 'serial'>): string {
  return `${manufacturer} ${serial}`;
}

/** At least one of claim and seen is given. What was seen before the claim was another owner's business. */
function deviceOf(claim: ClaimRow | null, seen: SeenDevice | null, manufacturer: string): Device {
  const serial = claim?.serial ?? seen?.serial;
  if (serial === undefined) throw new Error('A device is neither claimed nor seen.');
  const since = claim !== null && claim.organization !== null ? claim.created : 0;
  const lastSeen = seen !== null && seen.lastSeen >= since ? seen.lastSeen : null;
  const report = seen?.lastReport ?? null;
  const key = seen?.key ?? claim?.key ?? null;
  return {
    serial,
    manufacturer,
    organization: claim?.organization ?? null,
    network: claim?.network ?? null,
    generation: claim?.generation ?? 0,
    ownership: claim?.ownership ?? 0,
    claimExpires: timeText(claim?.expires ?? null),
    firstSeen: timeText(seen === null || lastSeen === null ? null : (Math.max(seen.firstSeen, since) as UnixSeconds)),
    lastSeen: timeText(lastSeen),
    lastOutcome: lastSeen === null ? null : (seen?.lastOutcome ?? null),
    keyFingerprint: key === null ? null : fingerprintOfDigest(key),
    lastReport: report === null || report.time < since ? null : reportOf(report),
  };
}

function timeText(time: UnixSeconds | null): string | null {
  return time === null ? null : formatTime(time);
}

function reportOf(report: StoredReport): DeviceReport {
  const { time, counter, phases, code, profile, stores, removed, endpoints } = report;
  return {
    time: formatTime(time),
    counter,
    phases: [...phases],
    code,
    profile,
    stores: stores.map((store) => ({ ...store, anchors: [...store.anchors] })),
    removed: [...removed],
    endpoints: endpoints.map((endpoint) => ({ ...endpoint })),
  };
}

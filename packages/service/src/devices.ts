// Devices as operators see them: what the claims say, joined with what was registered and what the device side saw.
import type { Device, DeviceReport } from '@windlass/management';
import { type DeviceId, type Digest, formatTime, parseSerial, type Serial, type UnixSeconds } from '@windlass/protocol';
import { fingerprintOfDigest } from './certificates.ts';
import { deviceNames } from './device-names.ts';
import { formerDevice, purgeShown } from './device-purge.ts';
import type { Actor, Management } from './management.ts';
import { ambiguousManufacturer, manufacturerNames } from './manufacturers.ts';
import { Refusal } from './refusal.ts';
import type { ClaimRow, ManagementTables, RegisteredDevice } from './store/management-ports.ts';
import type { SeenDevice, StoredReport, StoredTrouble } from './store/ports.ts';

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
  const { tables } = management.store;
  const claims = await tables.claims.withSerial(serial);
  const visible = actor.role === 'admin' ? claims : claims.filter((claim) => claim.organization === actor.organization);
  const seen = await management.devices.devices({ serial });
  const own = await tables.registeredDevices.withSerial(serial);
  const registered = own === null ? [] : [own];
  const which = actor.role === 'admin' ? 'all' : 'claimed';
  const all = (await join(tables, { claims: visible, seen, registered, which })).map(({ device }) => device);
  const named = all.filter(
    ({ manufacturer }) => input.manufacturer === undefined || manufacturer === input.manufacturer,
  );
  const [device, another] = named;
  if (another !== undefined) throw ambiguousManufacturer(serial);
  const purge = await purgeShown(management, actor, input);
  if (device !== undefined) return purge === null ? device : { ...device, purge: purge.purge };
  if (purge !== null) return formerDevice(serial, purge);
  throw new Refusal('not-found', `There is no device ${serial}: check the serial and the manufacturer.`);
}

/** What is known of devices, from each place; `which` of them are shown. */
export interface Known {
  readonly claims: readonly ClaimRow[];
  readonly seen: readonly SeenDevice[];
  readonly registered: readonly RegisteredDevice[];
  readonly which: 'claimed' | 'all';
}

/** The devices with their ids, by serial and manufacturer. */
export async function join(
  tables: ManagementTables,
  { claims, seen, registered, which }: Known,
): Promise<{ readonly id: DeviceId; readonly device: Device }[]> {
  const nameOf = await manufacturerNames(tables, registered);
  const deviceNameIn = await deviceNames(
    tables,
    claims.map(({ serial }) => serial),
  );
  const claimById = byId(claims);
  const seenById = byId(seen);
  // The manufacturer of a self-signed device is its own key (spec F6).
  const registeredById = byId(registered.map(({ keyDigest, serial }) => ({ manufacturer: keyDigest, serial })));
  const shown = which === 'claimed' ? claimById : new Map([...registeredById, ...seenById, ...claimById]);
  const devices = [...shown].map(([id, { manufacturer, serial }]) => {
    const [claim, device] = [claimById.get(id) ?? null, seenById.get(id) ?? null];
    const name = claim === null ? null : deviceNameIn(claim);
    const key = device?.key ?? claim?.key ?? registeredById.get(id)?.manufacturer ?? null;
    const named = { serial, manufacturer: nameOf(manufacturer), key, name };
    return { id: { manufacturer, serial }, device: deviceOf(named, claim, device) };
  });
  return devices.sort((a, b) => compareIds(a.id, b.id));
}

/** By serial and manufacturer, as databases order them. */
export function compareIds(a: DeviceId, b: DeviceId): number {
  if (a.serial !== b.serial) return a.serial < b.serial ? -1 : 1;
  return a.manufacturer === b.manufacturer ? 0 : a.manufacturer < b.manufacturer ? -1 : 1;
}

function byId<Row extends DeviceId>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [`${row.manufacturer} ${row.serial}`, row]));
}

/** Which device it is, for people. */
interface Named {
  readonly serial: Serial;
  readonly manufacturer: string;
  readonly key: Digest | null;
  /** As its owner calls it. */
  readonly name: string | null;
}

/** What was seen before the claim was another owner's business. */
function deviceOf({ serial, manufacturer, key, name }: Named, claim: ClaimRow | null, seen: SeenDevice | null): Device {
  const since = claim !== null && claim.organization !== null ? claim.created : 0;
  const lastSeen = seen !== null && seen.lastSeen >= since ? seen.lastSeen : null;
  const report = seen?.lastReport ?? null;
  const trouble = seen?.lastTrouble ?? null;
  return {
    serial,
    manufacturer,
    organization: claim?.organization ?? null,
    network: claim?.network ?? null,
    name,
    generation: claim?.generation ?? 0,
    ownership: claim?.ownership ?? 0,
    claimExpires: timeText(claim?.expires ?? null),
    firstSeen: timeText(seen === null || lastSeen === null ? null : (Math.max(seen.firstSeen, since) as UnixSeconds)),
    lastSeen: timeText(lastSeen),
    lastOutcome: lastSeen === null ? null : (seen?.lastOutcome ?? null),
    keyFingerprint: key === null ? null : fingerprintOfDigest(key),
    lastReport: report === null || report.time < since ? null : reportOf(report),
    lastTrouble: trouble === null || trouble.until < since ? null : troubleOf(trouble),
  };
}

function timeText(time: UnixSeconds | null): string | null {
  return time === null ? null : formatTime(time);
}

function troubleOf({ code, since, until }: StoredTrouble): Device['lastTrouble'] {
  return { code, since: formatTime(since), until: formatTime(until) };
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

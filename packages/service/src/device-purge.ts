// What a former owner, and the operator of the service, may know of a device that left: that it was told to drop what it had of theirs, and
// whether it said that it did. Nothing of where it is now.
import type { Device } from '@windlass/management';
import { formatTime, parseSerial, type Serial } from '@windlass/protocol';
import type { Actor, Management } from './management.ts';
import { manufacturerNames } from './manufacturers.ts';
import type { FormerOwnership } from './store/management-ports.ts';

/** After it was reported it is still shown, so that somebody finds it. */
const SHOWN_SECONDS = 30 * 86_400;

/** A purge, and of which device. */
export interface ShownPurge {
  readonly manufacturer: string;
  readonly purge: NonNullable<Device['purge']>;
}

/** The purge that the actor may see of the device with that serial; null: there is none, or it is long over. */
export async function purgeShown(
  management: Management,
  actor: Actor,
  input: { readonly serial: string; readonly manufacturer?: string },
): Promise<ShownPurge | null> {
  const { tables } = management.store;
  const serial = parseSerial(input.serial);
  const nameOf = await manufacturerNames(tables, []);
  const ended = await tables.ownerships.lastEnded(serial, actor.role === 'admin' ? null : actor.organization);
  const named = ended.filter(
    ({ manufacturer: key }) => input.manufacturer === undefined || nameOf(key) === input.manufacturer,
  );
  for (const ownership of named) {
    const purge = await purgeOf(management, ownership);
    if (purge !== null) return { manufacturer: nameOf(ownership.manufacturer), purge };
  }
  return null;
}

async function purgeOf(management: Management, ownership: FormerOwnership): Promise<ShownPurge['purge'] | null> {
  const { organization: former, ended } = ownership;
  const current = await management.store.tables.claims.current(ownership.manufacturer, ownership.serial);
  // Whoever has it again has nothing to miss.
  if (current?.organization === former) return null;
  const reported = await management.devices.purgeOf(ownership, former, ended);
  if (reported !== null && reported.time + SHOWN_SECONDS < management.now()) return null;
  return {
    former,
    since: formatTime(ended),
    reported: reported === null ? null : formatTime(reported.time),
    removed: reported?.removed.length ?? 0,
  };
}

/** A device as its former owner sees it: that it is gone, and the purge. */
export function formerDevice(serial: Serial, { manufacturer, purge }: ShownPurge): Device {
  return {
    serial,
    manufacturer,
    organization: null,
    network: null,
    name: null,
    generation: 0,
    ownership: 0,
    claimExpires: null,
    firstSeen: null,
    lastSeen: null,
    lastOutcome: null,
    keyFingerprint: null,
    lastReport: null,
    lastTrouble: null,
    purge,
  };
}

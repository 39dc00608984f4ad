// What people call devices. A name belongs to one ownership: the next owner does not see it.
import type { DeviceId, Serial } from '@windlass/protocol';
import type { ClaimRow, ManagementTables } from './store/management-ports.ts';

/** The owner calls the device that. */
export async function setDeviceName(tables: ManagementTables, claim: ClaimRow, name: string): Promise<void> {
  const { manufacturer, serial, ownership } = claim;
  await tables.deviceNames.set({ manufacturer, serial, ownership, name });
}

/** What the current owner calls the device; null: nothing. */
export async function deviceNameOf(tables: ManagementTables, claim: ClaimRow): Promise<string | null> {
  const found = await tables.deviceNames.find(claim);
  return found?.ownership === claim.ownership ? found.name : null;
}

/** The names of devices with these serials, as their current owners call them. */
export async function deviceNames(
  tables: ManagementTables,
  serials: readonly Serial[],
): Promise<(claim: Pick<ClaimRow, 'manufacturer' | 'serial' | 'ownership'>) => string | null> {
  const idOf = ({ manufacturer, serial }: DeviceId) => `${manufacturer} ${serial}`;
  const names = new Map((await tables.deviceNames.among(serials)).map((row) => [idOf(row), row]));
  return (claim) => {
    const found = names.get(idOf(claim));
    return found?.ownership === claim.ownership ? found.name : null;
  };
}

// What the device side reads of management.db, over a connection that can only read.
import type { Kysely } from 'kysely';
import { type DatabaseLocation, openDatabase } from './database.ts';
import { managementDatabase } from './management-migrations.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { tablesOf } from './management-store.ts';
import type { ManagementReader } from './ports.ts';
import { cacheProfiles } from './profile-cache.ts';

/** The management side's database, opened so that nothing can be written. @throws StoreError as `openDatabase` */
export async function openManagementReader(location: DatabaseLocation): Promise<ManagementReader> {
  const { database, close } = await openDatabase<ManagementDatabase>(location, managementDatabase, 'read');
  return { ...readerOver(database), close };
}

function readerOver(database: Kysely<ManagementDatabase>): Omit<ManagementReader, 'close'> {
  const { manufacturers, registeredDevices, claims, profiles, manifests } = tablesOf(database);
  return {
    manufacturers: () => manufacturers.all(),
    registeredSerial: async (key) => (await registeredDevices.withKey(key))?.serial ?? null,
    claimOf: ({ manufacturer, serial }) => claims.current(manufacturer, serial),
    manifestKeyOf: async (device) => (await manifests.find(device))?.key ?? null,
    profilesOf: cacheProfiles(profiles),
  };
}

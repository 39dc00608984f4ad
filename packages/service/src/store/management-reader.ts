// What the device side reads of management.db, over a connection that can only read.
import type { Kysely } from 'kysely';
import { managementDatabase } from './management-migrations.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { tablesOf } from './management-store.ts';
import type { ManagementReader } from './ports.ts';
import { cacheProfiles } from './profile-cache.ts';
import { openDatabase } from './sqlite.ts';

/** management.db, opened so that nothing can be written. @throws StoreError as `openDatabase` */
export async function openManagementReader(file: string): Promise<ManagementReader> {
  const { database, close } = await openDatabase<ManagementDatabase>(file, managementDatabase, 'read');
  return { ...readerOver(database), close };
}

function readerOver(database: Kysely<ManagementDatabase>): Omit<ManagementReader, 'close'> {
  const { manufacturers, registeredDevices, claims, profiles } = tablesOf(database);
  return {
    manufacturers: () => manufacturers.all(),
    registeredSerial: async (key) => (await registeredDevices.withKey(key))?.serial ?? null,
    claimOf: ({ manufacturer, serial }) => claims.current(manufacturer, serial),
    profilesOf: cacheProfiles(profiles),
  };
}

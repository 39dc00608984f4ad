// Tables of migration 0004: what manufacturers say of their devices before anybody saw them, wrong claim codes, offered transfers, and
// what people call their devices. None is append-only: the audit tells of every change.
import type { Kysely } from 'kysely';
import { type Columns, createTable } from '../create-table.ts';

/** One row per device and one device per key; the code of a label as the SHA-256 of its claim token. */
const MANIFEST_DEVICE: Columns = {
  manufacturer: 'text',
  serial: 'text',
  key_digest: 'text',
  model: 'text?',
  code_hash: 'text?',
  code_used: 'bigint?',
  label_proof: 'integer',
  organization: 'text?',
  order_number: 'text?',
  import_id: 'text',
  imported: 'bigint',
};

const CLAIM_ATTEMPT: Columns = {
  id: 'text key',
  time: 'bigint',
  serial: 'text',
  actor: 'text',
  organization: 'text',
};

/** `to_organization` refers to nothing: who offers does not learn which organizations exist. */
const TRANSFER: Columns = {
  id: 'text key',
  manufacturer: 'text',
  serial: 'text',
  ownership: 'bigint',
  from_organization: 'text',
  to_organization: 'text',
  offered: 'bigint',
  offered_by: 'text',
  expires: 'bigint',
  ended: 'bigint?',
  outcome: 'text?',
};

/** A name holds for one ownership: the next owner does not see it. */
const DEVICE_NAME: Columns = { manufacturer: 'text', serial: 'text', ownership: 'bigint', name: 'text' };

export async function createManifests(database: Kysely<unknown>): Promise<void> {
  await createTable(database, 'manifest_devices', MANIFEST_DEVICE, (table) =>
    table
      .addPrimaryKeyConstraint('manifest_devices_key', ['manufacturer', 'serial'])
      .addUniqueConstraint('manifest_devices_key_digest', ['key_digest'])
      .addForeignKeyConstraint('manifest_devices_manufacturer', ['manufacturer'], 'manufacturers', ['key_digest'])
      .addForeignKeyConstraint('manifest_devices_organization', ['organization'], 'organizations', ['name']),
  );
  await createTable(database, 'claim_attempts', CLAIM_ATTEMPT);
  await createTable(database, 'transfers', TRANSFER);
  await createTable(database, 'device_names', DEVICE_NAME, (table) =>
    table.addPrimaryKeyConstraint('device_names_key', ['manufacturer', 'serial']),
  );
  const indexes: readonly (readonly [table: string, column: string])[] = [
    ['manifest_devices', 'serial'],
    ['manifest_devices', 'order_number'],
    ['claim_attempts', 'time'],
    ['transfers', 'serial'],
    ['transfers', 'from_organization'],
    ['transfers', 'to_organization'],
    ['audit', 'act'],
  ];
  for (const [table, column] of indexes) {
    await database.schema.createIndex(`${table}_by_${column}`).on(table).column(column).execute();
  }
}

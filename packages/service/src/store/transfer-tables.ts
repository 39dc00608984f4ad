// Wrong claim codes, offered transfers, names of devices: small tables that rows leave again or change in.
import type { Kysely, Selectable } from 'kysely';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';
import type { ClaimAttemptTable, DeviceName, DeviceNameTable, Transfer, TransferTable } from './manifest-ports.ts';

type Database = Kysely<ManagementDatabase>;

export function claimAttemptTable(database: Database): ClaimAttemptTable {
  return {
    async since(time, { serial, organization }) {
      const recent = database.selectFrom('claim_attempts').selectAll().where('time', '>', time);
      const rows = await recent
        .where(({ eb, or }) => or([eb('serial', '=', serial), eb('organization', '=', organization)]))
        .execute();
      return rows.map((found) => ({
        id: found.id,
        time: row.timeColumn(found.time),
        serial: row.serialColumn(found.serial),
        actor: found.actor,
        organization: row.organizationColumn(found.organization),
      }));
    },
    async add(attempt) {
      await database.insertInto('claim_attempts').values(attempt).execute();
    },
    async remove(id) {
      await database.deleteFrom('claim_attempts').where('id', '=', id).execute();
    },
    async forget(time) {
      await database.deleteFrom('claim_attempts').where('time', '<=', time).execute();
    },
  };
}

export function transferTable(database: Database): TransferTable {
  const all = () => database.selectFrom('transfers').selectAll().orderBy('offered', 'desc').orderBy('id');
  return {
    async find(id) {
      const found = await all().where('id', '=', id).executeTakeFirst();
      return found === undefined ? null : transferOf(found);
    },
    async of(organization, limit) {
      const some =
        organization === null
          ? all()
          : all().where(({ eb, or }) =>
              or([eb('from_organization', '=', organization), eb('to_organization', '=', organization)]),
            );
      return (await some.limit(limit).execute()).map(transferOf);
    },
    async openOf({ manufacturer, serial }) {
      const query = all().where('serial', '=', serial).where('manufacturer', '=', manufacturer);
      return (await query.where('ended', 'is', null).execute()).map(transferOf);
    },
    async add({ from, to, offeredBy, ...same }) {
      const values = { ...same, from_organization: from, to_organization: to, offered_by: offeredBy };
      await database.insertInto('transfers').values(values).execute();
    },
    async end(id, outcome, at) {
      await database.updateTable('transfers').set({ outcome, ended: at }).where('id', '=', id).execute();
    },
  };
}

function transferOf(found: Selectable<ManagementDatabase['transfers']>): Transfer {
  const { outcome } = found;
  return {
    id: found.id,
    manufacturer: row.digestColumn(found.manufacturer),
    serial: row.serialColumn(found.serial),
    ownership: row.numberColumn(found.ownership),
    from: row.organizationColumn(found.from_organization),
    to: found.to_organization,
    offered: row.timeColumn(found.offered),
    offeredBy: found.offered_by,
    expires: row.timeColumn(found.expires),
    ended: row.timeOrNull(found.ended),
    outcome: outcome === 'accepted' || outcome === 'revoked' ? outcome : null,
  };
}

export function deviceNameTable(database: Database): DeviceNameTable {
  const all = () => database.selectFrom('device_names').selectAll();
  return {
    async all() {
      return (await all().execute()).map(nameOf);
    },
    async find({ manufacturer, serial }) {
      const query = all().where('manufacturer', '=', manufacturer).where('serial', '=', serial);
      const found = await query.executeTakeFirst();
      return found === undefined ? null : nameOf(found);
    },
    async set({ manufacturer, serial, ownership, name }) {
      await database
        .insertInto('device_names')
        .values({ manufacturer, serial, ownership, name })
        .onConflict((conflict) => conflict.columns(['manufacturer', 'serial']).doUpdateSet({ ownership, name }))
        .execute();
    },
  };
}

function nameOf(found: Selectable<ManagementDatabase['device_names']>): DeviceName {
  return {
    manufacturer: row.digestColumn(found.manufacturer),
    serial: row.serialColumn(found.serial),
    ownership: row.numberColumn(found.ownership),
    name: found.name,
  };
}

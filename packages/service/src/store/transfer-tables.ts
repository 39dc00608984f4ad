// Wrong claim codes, offered transfers, names of devices: small tables that rows leave again or change in.
import type { UnixSeconds } from '@windlass/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
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
  const all = () => database.selectFrom('transfers').selectAll().orderBy('offered', 'desc').orderBy('id', 'desc');
  return {
    async find(id) {
      const found = await all().where('id', '=', id).executeTakeFirst();
      return found === undefined ? null : transferOf(found);
    },
    async page({ organization, open, after, limit }) {
      let query = all().limit(limit);
      if (organization !== null) {
        query = query.where(({ eb, or }) =>
          or([eb('from_organization', '=', organization), eb('to_organization', '=', organization)]),
        );
      }
      if (open !== undefined) {
        query = query.where(({ not }) => (open.is ? isOpen(open.at) : not(isOpen(open.at))));
      }
      if (after !== null) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('offered', 'id'), '<', tuple(after.offered, after.id)),
        );
      }
      return (await query.execute()).map(transferOf);
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

/** Nobody ended it, it holds, and the device belongs to who offers it as it did. */
function isOpen(at: UnixSeconds) {
  return sql<boolean>`(outcome is null and expires >= ${at} and exists (select 1 from claims where claims.manufacturer = transfers.manufacturer and claims.serial = transfers.serial and claims.ownership = transfers.ownership and claims.generation = (select max(newest.generation) from claims as newest where newest.manufacturer = claims.manufacturer and newest.serial = claims.serial)))`;
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
    async among(serials) {
      if (serials.length === 0) return [];
      return (await all().where('serial', 'in', serials).execute()).map(nameOf);
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

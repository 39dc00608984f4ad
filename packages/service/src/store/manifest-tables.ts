// Devices of manifests and the claims that a manifest can contradict.
import type { DeviceId } from '@windlass/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { currentClaims } from './management-signed-tables.ts';
import type { FormerOwnership, ManifestDevice, ManifestTable, OwnershipTable } from './manifest-ports.ts';

type Database = Kysely<ManagementDatabase>;

/** Whether the device of the manifest belongs to somebody. */
const owned = sql<boolean>`exists (select 1 from claims where claims.manufacturer = manifest_devices.manufacturer and claims.serial = manifest_devices.serial and claims.organization is not null and claims.generation = (select max(newest.generation) from claims as newest where newest.manufacturer = claims.manufacturer and newest.serial = claims.serial))`;

export function manifestTable(database: Database): ManifestTable {
  const all = () => database.selectFrom('manifest_devices').selectAll();
  const unowned = (order: string) =>
    database
      .selectFrom('manifest_devices')
      .where('order_number', '=', order)
      .where(({ not }) => not(owned));
  const of = ({ manufacturer, serial }: DeviceId) =>
    database.updateTable('manifest_devices').where('manufacturer', '=', manufacturer).where('serial', '=', serial);
  return {
    async find({ manufacturer, serial }) {
      const query = all().where('manufacturer', '=', manufacturer).where('serial', '=', serial);
      const found = await query.executeTakeFirst();
      return found === undefined ? null : deviceOf(found);
    },
    async withSerial(serial) {
      return (await all().where('serial', '=', serial).orderBy('manufacturer').execute()).map(deviceOf);
    },
    async among(serials, keys) {
      if (serials.length === 0 && keys.length === 0) return [];
      // Two queries: a database may not use an index for "or".
      const bySerial = serials.length === 0 ? [] : await all().where('serial', 'in', serials).execute();
      const byKey = keys.length === 0 ? [] : await all().where('key_digest', 'in', keys).execute();
      return [...new Map([...bySerial, ...byKey].map((found) => [found.key_digest, found])).values()].map(deviceOf);
    },
    async claimsOf(serials) {
      if (serials.length === 0) return [];
      const rows = await currentClaims(database)
        .clearSelect()
        .select(['claims.manufacturer', 'claims.serial', 'claims.organization', 'claims.key_digest'])
        .where('claims.serial', 'in', serials)
        .execute();
      return rows.map((found) => ({
        manufacturer: row.digestColumn(found.manufacturer),
        serial: row.serialColumn(found.serial),
        organization: row.organizationOrNull(found.organization),
        key: row.digestOrNull(found.key_digest),
      }));
    },
    async page({ order, claimed, after, limit }) {
      let query = all().orderBy('serial').orderBy('manufacturer').limit(limit);
      if (order !== null) query = query.where('order_number', '=', order);
      if (claimed !== undefined) query = query.where(claimed ? owned : ({ not }) => not(owned));
      if (after !== null) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('serial', 'manufacturer'), '>', tuple(after.serial, after.manufacturer)),
        );
      }
      return (await query.execute()).map(deviceOf);
    },
    async unclaimedOf(order, limit) {
      const query = unowned(order).where('label_proof', '=', 0);
      return (await query.selectAll().orderBy('serial').orderBy('manufacturer').limit(limit).execute()).map(deviceOf);
    },
    async unprovedOf(order) {
      const counted = unowned(order).where('label_proof', '=', 1);
      const { count } = await counted
        .select(({ fn }) => fn.countAll<number | string>().as('count'))
        .executeTakeFirstOrThrow();
      return row.numberColumn(count);
    },
    async add(rows) {
      if (rows.length === 0) return;
      await database.insertInto('manifest_devices').values(rows.map(columnsOf)).execute();
    },
    async replaceCode(device, codeHash, importId) {
      await of(device).set({ code_hash: codeHash, code_used: null, import_id: importId }).execute();
    },
    async burnCode(device, at) {
      await of(device)
        .set({ code_used: at })
        .where('code_hash', 'is not', null)
        .where('code_used', 'is', null)
        .execute();
    },
  };
}

function columnsOf(device: ManifestDevice) {
  const { key, codeHash, codeUsed, labelProof, orderNumber, importId, ...same } = device;
  return {
    ...same,
    key_digest: key,
    code_hash: codeHash,
    code_used: codeUsed,
    label_proof: labelProof ? 1 : 0,
    order_number: orderNumber,
    import_id: importId,
  };
}

function deviceOf(found: Selectable<ManagementDatabase['manifest_devices']>): ManifestDevice {
  return {
    manufacturer: row.digestColumn(found.manufacturer),
    serial: row.serialColumn(found.serial),
    key: row.digestColumn(found.key_digest),
    model: found.model,
    codeHash: row.digestOrNull(found.code_hash),
    codeUsed: row.timeOrNull(found.code_used),
    labelProof: found.label_proof === 1,
    organization: row.organizationOrNull(found.organization),
    orderNumber: found.order_number,
    importId: found.import_id,
    imported: row.timeColumn(found.imported),
  };
}

export function ownershipTable(database: Database): OwnershipTable {
  return {
    async lastEnded(serial, organization) {
      const rows = await database
        .selectFrom('claims')
        .select(['manufacturer', 'ownership', 'organization', 'created'])
        .where('serial', '=', serial)
        .orderBy('ownership')
        .orderBy('generation')
        .execute();
      const ended = new Map<string, FormerOwnership>();
      for (const manufacturer of new Set(rows.map((found) => found.manufacturer))) {
        // One row per ownership: the first, which says when it began.
        const of = rows.filter((found) => found.manufacturer === manufacturer);
        const ownerships = of.filter((found, index) => of[index - 1]?.ownership !== found.ownership);
        for (const [index, { organization: owner, ownership }] of ownerships.entries()) {
          const next = ownerships[index + 1];
          if (owner === null || next === undefined) continue;
          if (organization !== null && owner !== organization) continue;
          ended.set(manufacturer, {
            manufacturer: row.digestColumn(manufacturer),
            serial,
            organization: row.organizationColumn(owner),
            ownership: row.numberColumn(ownership),
            ended: row.timeColumn(next.created),
          });
        }
      }
      return [...ended.values()];
    },
  };
}

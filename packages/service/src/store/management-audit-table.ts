// The audit's rows. Triggers keep them as they are; the chain of hashes shows when somebody got around the triggers.
import type { Kysely, Selectable } from 'kysely';
import type { AuditRow, AuditTable } from './management-ports.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';

export function auditTable(database: Kysely<ManagementDatabase>): AuditTable {
  const rows = () => database.selectFrom('audit').selectAll();
  return {
    async last() {
      const found = await rows().orderBy('id', 'desc').limit(1).executeTakeFirst();
      return found === undefined ? null : auditRowOf(found);
    },
    async add({ previousHash, ...same }) {
      await database
        .insertInto('audit')
        .values({ ...same, previous_hash: previousHash })
        .execute();
    },
    async page({ organization, before, limit }) {
      let query = rows().orderBy('id', 'desc').limit(limit);
      if (organization !== null) query = query.where('organization', '=', organization);
      if (before !== null) query = query.where('id', '<', before);
      return (await query.execute()).map(auditRowOf);
    },
    async after(id, limit) {
      return (await rows().where('id', '>', id).orderBy('id').limit(limit).execute()).map(auditRowOf);
    },
  };
}

function auditRowOf(found: Selectable<ManagementDatabase['audit']>): AuditRow {
  return {
    id: row.numberColumn(found.id),
    time: row.timeColumn(found.time),
    actor: found.actor,
    role: found.role,
    address: found.address,
    act: found.act,
    outcome: found.outcome === 'done' ? 'done' : 'refused',
    organization: found.organization,
    object: found.object,
    detail: found.detail,
    previousHash: found.previous_hash,
    hash: found.hash,
  };
}

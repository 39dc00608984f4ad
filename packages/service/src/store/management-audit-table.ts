// The audit's rows. Triggers keep them as they are; the chain of hashes shows when somebody got around the triggers.
import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { AuditFilter, AuditRow, AuditTable } from './management-ports.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';
import type { AlertTable } from './manifest-ports.ts';

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
    async page({ before, limit, ...filter }) {
      const query = narrowed(rows().orderBy('id', 'desc').limit(limit), filter);
      return (await (before === null ? query : query.where('id', '<', before)).execute()).map(auditRowOf);
    },
    async after(id, limit, filter = { organization: null }) {
      const query = narrowed(rows().where('id', '>', id).orderBy('id').limit(limit), filter);
      return (await query.execute()).map(auditRowOf);
    },
    async at(id) {
      const found = await rows().where('id', '=', id).executeTakeFirst();
      return found === undefined ? null : auditRowOf(found);
    },
  };
}

/** Entries whose act says that somebody should look. */
export function alertTable(database: Kysely<ManagementDatabase>): AlertTable {
  return {
    async page({ organization, since, before, limit }) {
      let query = database.selectFrom('audit').selectAll().where('act', 'like', 'alert.%').orderBy('id', 'desc');
      // Who was refused the list of alerts is none.
      query = query.where('act', '!=', 'alert.list');
      if (organization !== null) query = query.where('organization', '=', organization);
      if (since !== undefined) query = query.where('time', '>=', since);
      if (before !== null) query = query.where('id', '<', before);
      return (await query.limit(limit).execute()).map(auditRowOf);
    },
  };
}

type AuditQuery = SelectQueryBuilder<ManagementDatabase, 'audit', Selectable<ManagementDatabase['audit']>>;

/** An actor is "PERSON token ID" or "PERSON session ID", or one word. */
function narrowed(all: AuditQuery, { organization, act, actor, outcome, since, until }: AuditFilter): AuditQuery {
  let query = all;
  if (organization !== null) query = query.where('organization', '=', organization);
  if (act !== undefined) query = query.where('act', '=', act);
  if (outcome !== undefined) query = query.where('outcome', '=', outcome);
  if (since !== undefined) query = query.where('time', '>=', since);
  if (until !== undefined) query = query.where('time', '<', until);
  if (actor === undefined) return query;
  const person = `${actor.toLowerCase()} `;
  return query.where(({ or, eb }) =>
    or([
      eb('actor', '=', actor),
      eb(sql`substr(actor, 1, ${sql.lit(person.length)})`, '=', person),
      ...(/^[0-9a-f]{8}$/.test(actor) ? [eb('actor', 'like', `% ${actor}`)] : []),
    ]),
  );
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

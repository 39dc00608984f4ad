// Publisher anchors and jobs: small tables that change.
import type { Kysely, Selectable } from 'kysely';
import type {
  JobKind,
  JobState,
  JobTable,
  PublisherAnchor,
  PublisherKey,
  PublisherTable,
  StoredJob,
} from './management-ports-publishers.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';

type Database = Kysely<ManagementDatabase>;

export function publisherTable(database: Database): PublisherTable {
  const rows = () =>
    database.selectFrom('publisher_anchors').selectAll().orderBy('from_epoch').orderBy('created').orderBy('key_digest');
  const update = ({ organization, keyDigest }: PublisherKey) =>
    database
      .updateTable('publisher_anchors')
      .where('organization', '=', organization)
      .where('key_digest', '=', keyDigest);
  return {
    async all() {
      return (await rows().execute()).map(anchorOf);
    },
    async of(organization) {
      return (await rows().where('organization', '=', organization).execute()).map(anchorOf);
    },
    async add({ keyDigest, fromEpoch, untilEpoch, anchor, ...same }) {
      const epochs = { from_epoch: fromEpoch, until_epoch: untilEpoch };
      const values = { ...same, ...epochs, key_digest: keyDigest, anchor: Buffer.from(anchor) };
      await database.insertInto('publisher_anchors').values(values).execute();
    },
    async renew(key, expires) {
      await update(key).set({ expires }).execute();
    },
    async named(organization, epoch, at) {
      await database
        .updateTable('publisher_anchors')
        .set({ named: at })
        .where('organization', '=', organization)
        .where('from_epoch', '<=', epoch)
        .where('named', 'is', null)
        .execute();
    },
    async endAt(key, epoch) {
      await update(key).set({ until_epoch: epoch }).execute();
    },
    async remove({ organization, keyDigest }) {
      await database
        .deleteFrom('publisher_anchors')
        .where('organization', '=', organization)
        .where('key_digest', '=', keyDigest)
        .execute();
    },
  };
}

function anchorOf(found: Selectable<ManagementDatabase['publisher_anchors']>): PublisherAnchor {
  return {
    organization: row.organizationColumn(found.organization),
    keyDigest: row.digestColumn(found.key_digest),
    kind: found.kind === 'own' ? 'own' : 'hosted',
    anchor: row.bytesColumn(found.anchor),
    expires: row.timeColumn(found.expires),
    created: row.timeColumn(found.created),
    fromEpoch: row.numberColumn(found.from_epoch),
    untilEpoch: row.numberOrNull(found.until_epoch),
    named: row.timeOrNull(found.named),
  };
}

export function jobTable(database: Database): JobTable {
  const rows = () => database.selectFrom('jobs').selectAll();
  return {
    async add(job) {
      const begun = { state: 'running', done: 0, total: 0, note: null, changed: job.created };
      const values = { ...job, ...begun };
      return jobOf(await database.insertInto('jobs').values(values).returningAll().executeTakeFirstOrThrow());
    },
    async find(id) {
      const found = await rows().where('id', '=', id).executeTakeFirst();
      return found === undefined ? null : jobOf(found);
    },
    async page({ organization, state, before, limit }) {
      let query = rows().orderBy('id', 'desc').limit(limit);
      if (organization !== null) query = query.where('organization', '=', organization);
      if (state !== undefined) query = query.where('state', '=', state);
      if (before !== null) query = query.where('id', '<', before);
      return (await query.execute()).map(jobOf);
    },
    async open(organization) {
      const all = rows().where('state', '!=', 'done').orderBy('id');
      const some = organization === null ? all : all.where('organization', '=', organization);
      return (await some.execute()).map(jobOf);
    },
    async progress(id, progress) {
      await database
        .updateTable('jobs')
        .set({ ...progress })
        .where('id', '=', id)
        .execute();
    },
  };
}

function jobOf(found: Selectable<ManagementDatabase['jobs']>): StoredJob {
  return {
    id: row.numberColumn(found.id),
    organization: row.organizationColumn(found.organization),
    kind: found.kind as JobKind,
    epoch: row.numberColumn(found.epoch),
    reason: found.reason,
    actor: found.actor,
    state: found.state as JobState,
    done: row.numberColumn(found.done),
    total: row.numberColumn(found.total),
    note: found.note,
    created: row.timeColumn(found.created),
    changed: row.timeColumn(found.changed),
  };
}

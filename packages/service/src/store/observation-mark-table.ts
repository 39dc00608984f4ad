// What people said of observations.
import type { Kysely, Selectable } from 'kysely';
import type { ObservationMark, ObservationMarkTable } from './management-ports-observations.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';

export function observationMarkTable(database: Kysely<ManagementDatabase>): ObservationMarkTable {
  const all = () => database.selectFrom('observation_marks').selectAll().orderBy('organization').orderBy('observation');
  return {
    async of(organization) {
      const some = organization === null ? all() : all().where('organization', '=', organization);
      return (await some.execute()).map(markOf);
    },
    async hostile(organization) {
      const some = all().where('organization', '=', organization).where('hostile', 'is not', null);
      return (await some.execute()).map(markOf);
    },
    async find(organization, observation) {
      const some = all().where('organization', '=', organization).where('observation', '=', observation);
      const found = await some.executeTakeFirst();
      return found === undefined ? null : markOf(found);
    },
    async put(mark) {
      const values = columnsOf(mark);
      await database
        .insertInto('observation_marks')
        .values(values)
        .onConflict((conflict) => conflict.columns(['organization', 'observation']).doUpdateSet(values))
        .execute();
    },
    async remove(organization, observation) {
      const found = database.deleteFrom('observation_marks').where('organization', '=', organization);
      await found.where('observation', '=', observation).execute();
    },
  };
}

function columnsOf(mark: ObservationMark): ManagementDatabase['observation_marks'] {
  return {
    organization: mark.organization,
    observation: mark.observation,
    certificates: JSON.stringify(mark.certificates.map((der) => Buffer.from(der).toString('base64'))),
    first_seen: mark.firstSeen,
    last_seen: mark.lastSeen,
    link_network: mark.link?.network ?? null,
    link_fingerprint: mark.link?.fingerprint ?? null,
    asked: mark.asked,
    note: mark.note,
    ignored_until: mark.ignoredUntil,
    hostile: mark.hostile,
  };
}

function markOf(found: Selectable<ManagementDatabase['observation_marks']>): ObservationMark {
  const { link_network: network, link_fingerprint: fingerprint } = found;
  const linked = network === null || fingerprint === null ? null : { network: row.networkColumn(network), fingerprint };
  return {
    organization: row.organizationColumn(found.organization),
    observation: found.observation,
    certificates: row.textsColumn(found.certificates).map((text) => new Uint8Array(Buffer.from(text, 'base64'))),
    firstSeen: row.timeColumn(found.first_seen),
    lastSeen: row.timeColumn(found.last_seen),
    link: linked,
    asked: row.timeOrNull(found.asked),
    note: found.note,
    ignoredUntil: row.timeOrNull(found.ignored_until),
    hostile: row.timeOrNull(found.hostile),
  };
}

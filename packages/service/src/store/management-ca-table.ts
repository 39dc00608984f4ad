// Inspection CAs of networks, with what became of each.
import type { InspectionCaRole } from '@windlass/management';
import type { OrganizationId } from '@windlass/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { ManagementTables, NewInspectionCa, StoredInspectionCa } from './management-ports.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';

export function inspectionCaTable(database: Kysely<ManagementDatabase>): ManagementTables['inspectionCas'] {
  const ofOrganization = (organization: OrganizationId) =>
    database.selectFrom('inspection_cas').selectAll().where('organization', '=', organization);
  return {
    async of({ organization, network }) {
      const found = ofOrganization(organization).where('network', '=', network).orderBy('id');
      return (await found.execute()).map(inspectionCaOf);
    },
    async ofOrganization(organization) {
      const found = ofOrganization(organization).orderBy('network').orderBy('id');
      return (await found.execute()).map(inspectionCaOf);
    },
    async add(added) {
      const found = await database
        .insertInto('inspection_cas')
        .values(columnsOf(added))
        .returningAll()
        .executeTakeFirstOrThrow();
      return inspectionCaOf(found);
    },
    async withKeys(organization, keys) {
      if (keys.length === 0) return [];
      const found = ofOrganization(organization).where('key_digest', 'in', keys).orderBy('id');
      return (await found.execute()).map(inspectionCaOf);
    },
    async hasKey(keyDigest) {
      const found = database.selectFrom('inspection_cas').select('id').where('key_digest', '=', keyDigest);
      return (await found.limit(1).executeTakeFirst()) !== undefined;
    },
    async approve(id, at) {
      await database.updateTable('inspection_cas').set({ approved: at }).where('id', '=', id).execute();
    },
    async revoke(id, at) {
      const found = database.updateTable('inspection_cas').where('id', '=', id);
      await found.set({ revoked: at, retired: sql<number>`coalesce(retired, ${at})` }).execute();
    },
    async remove(id) {
      const found = database.deleteFrom('inspection_cas').where('id', '=', id);
      await found.where('published_sequence', 'is', null).execute();
    },
    async retire(id, at) {
      await database.updateTable('inspection_cas').set({ retired: at }).where('id', '=', id).execute();
    },
    async published(sequence, first, retired) {
      const update = database.updateTable('inspection_cas');
      if (first.length > 0) await update.set({ published_sequence: sequence }).where('id', 'in', first).execute();
      if (retired.length > 0) await update.set({ retired_sequence: sequence }).where('id', 'in', retired).execute();
    },
  };
}

function columnsOf(added: NewInspectionCa) {
  return {
    organization: added.organization,
    network: added.network,
    fingerprint: added.fingerprint,
    key_digest: added.keyDigest,
    subject: added.subject,
    subject_name: Buffer.from(added.subjectName),
    certificate: Buffer.from(added.certificate),
    not_after: added.notAfter,
    valid_from: added.from,
    valid_until: added.until,
    permitted_names: JSON.stringify(added.permittedNames),
    excluded_names: JSON.stringify(added.excludedNames),
    warnings: JSON.stringify(added.warnings),
    role: added.role,
    predecessor: added.predecessor,
    added: added.added,
    approved: null,
    revoked: null,
    published_sequence: null,
    retired: null,
    retired_sequence: null,
  };
}

function inspectionCaOf(found: Selectable<ManagementDatabase['inspection_cas']>): StoredInspectionCa {
  return {
    id: row.numberColumn(found.id),
    organization: row.organizationColumn(found.organization),
    network: row.networkColumn(found.network),
    fingerprint: found.fingerprint,
    keyDigest: row.digestColumn(found.key_digest),
    subject: found.subject,
    subjectName: row.bytesColumn(found.subject_name),
    certificate: row.bytesColumn(found.certificate),
    notAfter: row.timeColumn(found.not_after),
    from: row.timeColumn(found.valid_from),
    until: row.timeColumn(found.valid_until),
    permittedNames: row.textsColumn(found.permitted_names),
    excludedNames: row.textsColumn(found.excluded_names),
    warnings: row.textsColumn(found.warnings),
    role: found.role as InspectionCaRole,
    predecessor: row.numberOrNull(found.predecessor),
    added: row.timeColumn(found.added),
    approved: row.timeOrNull(found.approved),
    publishedSequence: row.numberOrNull(found.published_sequence),
    retired: row.timeOrNull(found.retired),
    retiredSequence: row.numberOrNull(found.retired_sequence),
    revoked: row.timeOrNull(found.revoked),
  };
}

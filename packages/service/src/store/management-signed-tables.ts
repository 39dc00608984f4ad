// Claims and profiles: what was signed, as it was signed, every one that ever was. The current one is the newest.
import type { Endpoint } from '@windlass/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { ClaimRow, ClaimTable, ProfileRow, ProfileTable, PublishedCa } from './management-ports.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { behindPrefix } from './serial-prefix.ts';

type Database = Kysely<ManagementDatabase>;

/** The claim of each device with the highest generation. */
export function currentClaims(database: Database) {
  return database
    .selectFrom('claims')
    .selectAll('claims')
    .where(({ eb, selectFrom }) =>
      eb(
        'claims.generation',
        '=',
        selectFrom('claims as newest')
          .select(({ fn }) => fn.max('newest.generation').as('generation'))
          .whereRef('newest.manufacturer', '=', 'claims.manufacturer')
          .whereRef('newest.serial', '=', 'claims.serial'),
      ),
    );
}

/** Of those, the ones that come after this one, or from the first on, by manufacturer and serial; at most `limit`. */
export function currentClaimsAfter(
  database: Database,
  after: Pick<ClaimRow, 'manufacturer' | 'serial'> | null,
  limit: number,
) {
  const all = currentClaims(database).orderBy('claims.manufacturer').orderBy('claims.serial').limit(limit);
  if (after === null) return all;
  return all.where(({ eb, refTuple, tuple }) =>
    eb(refTuple('claims.manufacturer', 'claims.serial'), '>', tuple(after.manufacturer, after.serial)),
  );
}

export function claimTable(database: Database): ClaimTable {
  const current = () => currentClaims(database);
  return {
    async current(manufacturer, serial) {
      const found = await database
        .selectFrom('claims')
        .selectAll()
        .where('manufacturer', '=', manufacturer)
        .where('serial', '=', serial)
        .orderBy('generation', 'desc')
        .limit(1)
        .executeTakeFirst();
      return found === undefined ? null : claimOf(found);
    },
    async ofOwnership({ manufacturer, serial, ownership }) {
      const rows = await database
        .selectFrom('claims')
        .selectAll()
        .where('manufacturer', '=', manufacturer)
        .where('serial', '=', serial)
        .where('ownership', '=', ownership)
        .orderBy('generation', 'desc')
        .execute();
      return rows.map(claimOf);
    },
    async withSerial(serial) {
      return (await current().where('claims.serial', '=', serial).execute()).map(claimOf);
    },
    async amongSerials(serials) {
      if (serials.length === 0) return [];
      return (await current().where('claims.serial', 'in', serials).execute()).map(claimOf);
    },
    async devices({ organization, network, unplaced, serialPrefix, after, limit }) {
      let query = current().orderBy('claims.serial').orderBy('claims.manufacturer').limit(limit);
      if (organization !== null) query = query.where('claims.organization', '=', organization);
      if (network !== undefined) query = query.where('claims.network', '=', network);
      if (unplaced !== undefined) {
        query = query.where('claims.organization', 'is not', null);
        query = query.where('claims.network', unplaced ? 'is' : 'is not', null);
      }
      if (serialPrefix !== undefined) {
        query = query
          .where('claims.serial', '>=', serialPrefix)
          .where('claims.serial', '<', behindPrefix(serialPrefix));
      }
      if (after !== null) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('claims.serial', 'claims.manufacturer'), '>', tuple(after.serial, after.manufacturer)),
        );
      }
      return (await query.execute()).map(claimOf);
    },
    async currentOf(organization) {
      const all = current().orderBy('claims.serial').orderBy('claims.manufacturer');
      const rows = organization === null ? all : all.where('claims.organization', '=', organization);
      return (await rows.execute()).map(claimOf);
    },
    async page(after, limit, { organization, ending, needsProof } = {}) {
      let rows = currentClaimsAfter(database, after, limit);
      if (organization !== undefined) rows = rows.where('claims.organization', '=', organization);
      if (ending !== undefined) {
        rows = rows.where('claims.expires', '>=', ending.from).where('claims.expires', '<', ending.before);
      }
      if (needsProof === true) {
        rows = rows.where(({ exists, selectFrom }) =>
          exists(
            selectFrom('manifest_devices')
              .select('manifest_devices.serial')
              .whereRef('manifest_devices.manufacturer', '=', 'claims.manufacturer')
              .whereRef('manifest_devices.serial', '=', 'claims.serial')
              .where('manifest_devices.label_proof', '=', 1),
          ),
        );
      }
      return (await rows.execute()).map(claimOf);
    },
    async add({ key, envelope, ...same }) {
      const values = { ...same, key_digest: key, payload: envelope.payload, signature: envelope.signature };
      await database.insertInto('claims').values(values).execute();
    },
  };
}

/** The claim in a row. */
export function claimOf(found: Selectable<ManagementDatabase['claims']>): ClaimRow {
  return {
    manufacturer: row.digestColumn(found.manufacturer),
    serial: row.serialColumn(found.serial),
    generation: row.numberColumn(found.generation),
    ownership: row.numberColumn(found.ownership),
    organization: row.organizationOrNull(found.organization),
    network: row.networkOrNull(found.network),
    epoch: row.numberColumn(found.epoch),
    expires: row.timeColumn(found.expires),
    digest: row.digestColumn(found.digest),
    key: row.digestOrNull(found.key_digest),
    envelope: { payload: found.payload, signature: found.signature },
    created: row.timeColumn(found.created),
  };
}

/** The profile of each network of the organization with the highest sequence. */
function currentProfiles(database: Database, organization: string) {
  return database
    .selectFrom('profiles')
    .where('profiles.organization', '=', organization)
    .where(({ eb, selectFrom }) =>
      eb(
        'profiles.sequence',
        '=',
        selectFrom('profiles as newest')
          .select(({ fn }) => fn.max('newest.sequence').as('sequence'))
          .whereRef('newest.organization', '=', 'profiles.organization')
          .whereRef('newest.network', '=', 'profiles.network'),
      ),
    );
}

export function profileTable(database: Database): ProfileTable {
  return {
    async of({ organization, network }, limit, before = null) {
      const query = database
        .selectFrom('profiles')
        .selectAll()
        .where('organization', '=', organization)
        .where('network', '=', network)
        .orderBy('sequence', 'desc')
        .limit(limit);
      return (await (before === null ? query : query.where('sequence', '<', before)).execute()).map(profileOf);
    },
    async currentSequences(organization) {
      const rows = await database
        .selectFrom('profiles')
        .select(({ fn }) => ['network', fn.max('sequence').as('sequence')])
        .where('organization', '=', organization)
        .groupBy('network')
        .orderBy('network')
        .execute();
      return rows.map(({ network, sequence }) => ({
        organization,
        network: row.networkColumn(network),
        sequence: row.numberColumn(sequence),
      }));
    },
    async at({ organization, network }, sequence) {
      const found = await database
        .selectFrom('profiles')
        .selectAll()
        .where('organization', '=', organization)
        .where('network', '=', network)
        .where('sequence', '=', sequence)
        .executeTakeFirst();
      return found === undefined ? null : profileOf(found);
    },
    async sizeBeside({ organization, network }) {
      const { size } = await currentProfiles(database, organization)
        .where('profiles.network', '!=', network)
        .select(sql<number | string>`coalesce(sum(length(payload)), 0)`.as('size'))
        .executeTakeFirstOrThrow();
      return row.numberColumn(size);
    },
    async currentOf(organization) {
      const rows = await currentProfiles(database, organization).selectAll().orderBy('profiles.network').execute();
      return rows.map(profileOf);
    },
    async add(profile) {
      await database.insertInto('profiles').values(profileColumns(profile)).execute();
    },
  };
}

/** The row of a profile. */
export function profileColumns({ envelope, inspectionCas, ...profile }: ProfileRow) {
  return {
    ...profile,
    payload: envelope.payload,
    signature: envelope.signature,
    inspection_cas: JSON.stringify(inspectionCas.map(encodePublishedCa)),
    endpoints: JSON.stringify(profile.endpoints),
    services: JSON.stringify(profile.services),
    retired: JSON.stringify(profile.retired),
    changes: JSON.stringify(profile.changes),
  };
}

/** The profile in a row. */
export function profileOf(found: Selectable<ManagementDatabase['profiles']>): ProfileRow {
  const inspectionCas = JSON.parse(found.inspection_cas) as EncodedCa[];
  return {
    organization: row.organizationColumn(found.organization),
    network: row.networkColumn(found.network),
    epoch: row.numberColumn(found.epoch),
    sequence: row.numberColumn(found.sequence),
    digest: row.digestColumn(found.digest),
    issued: row.timeColumn(found.issued),
    expires: row.timeColumn(found.expires),
    envelope: { payload: found.payload, signature: found.signature },
    inspectionCas: inspectionCas.map(decodePublishedCa),
    endpoints: JSON.parse(found.endpoints) as Endpoint[],
    services: row.servicesColumn(found.services),
    retired: row.digestsColumn(found.retired),
    changes: row.textsColumn(found.changes),
    reason: found.reason,
  };
}

type EncodedCa = Omit<PublishedCa, 'certificate' | 'subjectName'> & {
  readonly certificate: string;
  readonly subjectName: string;
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

function encodePublishedCa(ca: PublishedCa): EncodedCa {
  return { ...ca, certificate: base64(ca.certificate), subjectName: base64(ca.subjectName) };
}

function decodePublishedCa(ca: EncodedCa): PublishedCa {
  return { ...ca, certificate: fromBase64(ca.certificate), subjectName: fromBase64(ca.subjectName) };
}

// Manufacturers, registered devices, organizations with their publishers, networks, endpoints: small tables.
import type { Endpoint } from '@windlass/protocol';
import type { Kysely, Selectable } from 'kysely';
import type {
  ManagementTables,
  NetworkKey,
  RegisteredDevice,
  RegisteredDeviceTable,
  StoredNetwork,
  StoredOrganization,
  StoredPublisher,
} from './management-ports.ts';
import type { PublisherAnchor } from './management-ports-publishers.ts';
import { publisherTable } from './management-publisher-tables.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { behindPrefix } from './serial-prefix.ts';

type Database = Kysely<ManagementDatabase>;

export function manufacturerTable(database: Database): ManagementTables['manufacturers'] {
  return {
    async all() {
      const rows = await database.selectFrom('manufacturers').selectAll().orderBy('created').orderBy('name').execute();
      return rows.map((found) => ({
        name: found.name,
        keyDigest: row.digestColumn(found.key_digest),
        fingerprint: found.fingerprint,
        subject: found.subject,
        notAfter: row.timeColumn(found.not_after),
        certificate: row.bytesColumn(found.certificate),
        created: row.timeColumn(found.created),
      }));
    },
    async add({ keyDigest, notAfter, certificate, ...same }) {
      const values = { ...same, key_digest: keyDigest, not_after: notAfter, certificate: Buffer.from(certificate) };
      await database.insertInto('manufacturers').values(values).execute();
    },
  };
}

export function registeredDeviceTable(database: Database): RegisteredDeviceTable {
  const all = () => database.selectFrom('registered_devices').selectAll();
  return {
    async amongSerials(serials) {
      if (serials.length === 0) return [];
      return (await all().where('serial', 'in', serials).execute()).map(registeredDeviceOf);
    },
    async page({ after, limit, serialPrefix }) {
      let query = all().orderBy('serial').orderBy('key_digest').limit(limit);
      if (serialPrefix !== undefined) {
        query = query.where('serial', '>=', serialPrefix).where('serial', '<', behindPrefix(serialPrefix));
      }
      if (after !== null) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('serial', 'key_digest'), '>', tuple(after.serial, after.manufacturer)),
        );
      }
      return (await query.execute()).map(registeredDeviceOf);
    },
    async withKey(keyDigest) {
      const found = await all().where('key_digest', '=', keyDigest).executeTakeFirst();
      return found === undefined ? null : registeredDeviceOf(found);
    },
    async withSerial(serial) {
      const found = await all().where('serial', '=', serial).executeTakeFirst();
      return found === undefined ? null : registeredDeviceOf(found);
    },
    async amongKeys(keys) {
      if (keys.length === 0) return new Set();
      const some = database.selectFrom('registered_devices').select('key_digest').where('key_digest', 'in', keys);
      return new Set((await some.execute()).map((found) => row.digestColumn(found.key_digest)));
    },
    async add({ keyDigest, notAfter, certificate, ...same }) {
      const values = { ...same, key_digest: keyDigest, not_after: notAfter, certificate: Buffer.from(certificate) };
      await database.insertInto('registered_devices').values(values).execute();
    },
  };
}

function registeredDeviceOf(found: Selectable<ManagementDatabase['registered_devices']>): RegisteredDevice {
  return {
    keyDigest: row.digestColumn(found.key_digest),
    serial: row.serialColumn(found.serial),
    fingerprint: found.fingerprint,
    subject: found.subject,
    notAfter: row.timeColumn(found.not_after),
    certificate: row.bytesColumn(found.certificate),
    created: row.timeColumn(found.created),
  };
}

export function organizationTable(database: Database): ManagementTables['organizations'] {
  return {
    async all() {
      const rows = await database.selectFrom('organizations').selectAll().orderBy('created').orderBy('name').execute();
      const publishers = await publisherTable(database).all();
      return rows.map((found) =>
        organizationOf(
          found,
          publishers.filter(({ organization }) => organization === found.name),
        ),
      );
    },
    async find(name) {
      const found = await database.selectFrom('organizations').selectAll().where('name', '=', name).executeTakeFirst();
      if (found === undefined) return null;
      return organizationOf(found, await publisherTable(database).of(row.organizationColumn(found.name)));
    },
    async add({ name, epoch, created, publishers }) {
      await database.insertInto('organizations').values({ name, epoch, created }).execute();
      // There is no claim yet that could leave them out.
      const hosted = {
        organization: name,
        kind: 'hosted',
        created,
        fromEpoch: 0,
        untilEpoch: null,
        named: created,
      } as const;
      for (const publisher of publishers) await publisherTable(database).add({ ...hosted, ...publisher });
    },
  };
}

function organizationOf(
  found: Selectable<ManagementDatabase['organizations']>,
  anchors: readonly PublisherAnchor[],
): StoredOrganization {
  const epoch = row.numberColumn(found.epoch);
  return {
    name: row.organizationColumn(found.name),
    epoch,
    created: row.timeColumn(found.created),
    publishers: namedIn(epoch, anchors),
  };
}

/** Those that claims of the epoch name. */
function namedIn(epoch: number, anchors: readonly PublisherAnchor[]): readonly StoredPublisher[] {
  return anchors
    .filter(({ fromEpoch, untilEpoch }) => fromEpoch <= epoch && epoch < (untilEpoch ?? Number.POSITIVE_INFINITY))
    .map(({ keyDigest, anchor, expires }) => ({ keyDigest, anchor, expires }));
}

export function networkTable(database: Database): ManagementTables['networks'] {
  const network = (found: Selectable<ManagementDatabase['networks']>): StoredNetwork => ({
    organization: row.organizationColumn(found.organization),
    name: row.networkColumn(found.name),
    created: row.timeColumn(found.created),
    services: row.servicesColumn(found.services),
  });
  const of = (organization: string) =>
    database.selectFrom('networks').selectAll().where('organization', '=', organization);
  return {
    async of(organization) {
      return (await of(organization).orderBy('created').orderBy('name').execute()).map(network);
    },
    async find(organization, name) {
      const found = await of(organization).where('name', '=', name).executeTakeFirst();
      return found === undefined ? null : network(found);
    },
    async add({ services, ...values }) {
      const row = { ...values, services: JSON.stringify(services) };
      await database.insertInto('networks').values(row).execute();
    },
    async setServices({ organization, network: name }, services) {
      const changed = database.updateTable('networks').set({ services: JSON.stringify(services) });
      await changed.where('organization', '=', organization).where('name', '=', name).execute();
    },
  };
}

export function endpointTable(database: Database): ManagementTables['endpoints'] {
  return {
    async of({ organization, network }) {
      const rows = await database
        .selectFrom('endpoints')
        .selectAll()
        .where('organization', '=', organization)
        .where('network', '=', network)
        .orderBy('name')
        .execute();
      return rows.map(endpointOf);
    },
    async add({ organization, network }: NetworkKey, { required, clientCertificate, pins, ...endpoint }) {
      const values = {
        organization,
        network,
        ...endpoint,
        required: required ? 1 : 0,
        client_certificate: clientCertificate === undefined ? null : Number(clientCertificate),
        pins: pins === undefined ? null : JSON.stringify(pins),
      };
      await database.insertInto('endpoints').values(values).execute();
    },
    async remove({ organization, network }, name) {
      await database
        .deleteFrom('endpoints')
        .where('organization', '=', organization)
        .where('network', '=', network)
        .where('name', '=', name)
        .execute();
    },
  };
}

/** Members that nobody said are left out, as in the profile. */
function endpointOf(found: Selectable<ManagementDatabase['endpoints']>): Endpoint {
  const { name, host, port, protocol, required, path, alpn, client_certificate, pins } = found;
  return {
    name,
    host,
    port,
    protocol: protocol as Endpoint['protocol'],
    required: required === 1,
    ...(path !== null && { path }),
    ...(alpn !== null && { alpn }),
    ...(client_certificate !== null && { clientCertificate: client_certificate === 1 }),
    ...(pins !== null && { pins: row.digestsColumn(pins) }),
  };
}

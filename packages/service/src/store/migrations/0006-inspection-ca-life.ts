// Migration 0006: what becomes of an inspection CA from its draft to its end, and what people say of observations.
import { X509Certificate } from 'node:crypto';
import { type ColumnDataType, type Kysely, sql } from 'kysely';
import { type Columns, createTable } from '../create-table.ts';

/** What was published counts as approved; what was only added is a draft that somebody has to approve. */
export async function createInspectionCaLife(database: Kysely<unknown>): Promise<void> {
  const added: readonly (readonly [string, ColumnDataType])[] = [
    ['predecessor', 'bigint'],
    ['approved', 'bigint'],
    ['revoked', 'bigint'],
  ];
  for (const [name, type] of added) {
    await database.schema.alterTable('inspection_cas').addColumn(name, type).execute();
  }
  const role = database.schema.alterTable('inspection_cas');
  await role.addColumn('role', 'text', (column) => column.notNull().defaultTo('issuing')).execute();
  await fill(database.withTables<CaTable>());
  await createMarks(database);
}

type CaTable = {
  inspection_cas: {
    id: number;
    certificate: Uint8Array;
    added: number;
    approved: number | null;
    published_sequence: number | null;
    role: string;
  };
};

async function fill(database: Kysely<CaTable>): Promise<void> {
  const cas = database.updateTable('inspection_cas');
  const published = cas.where('published_sequence', 'is not', null);
  await published.set({ approved: sql.ref<number>('added') }).execute();
  for (const { id, certificate } of await database
    .selectFrom('inspection_cas')
    .select(['id', 'certificate'])
    .execute()) {
    if (isRoot(certificate)) await cas.set({ role: 'root' }).where('id', '=', id).execute();
  }
}

/** As the service tells it of a new one: its own name as issuer, and its own signature. */
function isRoot(der: Uint8Array): boolean {
  const certificate = new X509Certificate(der);
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** By organization and observation, which is told from what inspects: the device side has what was observed. */
async function createMarks(database: Kysely<unknown>): Promise<void> {
  const mark: Columns = {
    organization: 'text',
    observation: 'text',
    certificates: 'text',
    first_seen: 'bigint',
    last_seen: 'bigint',
    link_network: 'text?',
    link_fingerprint: 'text?',
    asked: 'bigint?',
    note: 'text?',
    ignored_until: 'bigint?',
    hostile: 'bigint?',
  };
  await createTable(database, 'observation_marks', mark, (table) =>
    table
      .addPrimaryKeyConstraint('observation_marks_key', ['organization', 'observation'])
      .addForeignKeyConstraint('observation_marks_organization', ['organization'], 'organizations', ['name']),
  );
}

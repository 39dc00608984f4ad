// Migration 0006 over either database: what was published is approved, what was only added is a draft.
import { expect, test } from 'vitest';
import { describeEachEngine } from '../testing/each-engine.ts';
import { makeCa } from '../testing/test-pki.ts';
import { openDatabase } from './database.ts';
import { managementDatabase } from './management-migrations.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { createManagementStore } from './management-store.ts';

const BEFORE = '0005-publishers';
const root = makeCa('Root');
const issuing = makeCa('Issuing', { issuer: root });

describeEachEngine((newDatabase) => {
  test('the inspection CAs of a database from before: published ones are approved, the others drafts; each has its role', async () => {
    const location = await newDatabase();
    const all = Object.entries(managementDatabase.migrations).filter(([name]) => name <= BEFORE);
    const kind = { ...managementDatabase, migrations: Object.fromEntries(all) };
    const old = await openDatabase<ManagementDatabase>(location, kind, 'create');
    await old.database.insertInto('organizations').values({ name: 'acme', epoch: 1, created: 1 }).execute();
    await old.database.insertInto('networks').values({ organization: 'acme', name: 'plant', created: 1 }).execute();
    const row = (fingerprint: string, { certificate } = root) => ({
      organization: 'acme',
      network: 'plant',
      fingerprint,
      key_digest: 'k',
      subject: 'CN=CA',
      subject_name: Buffer.from('name'),
      certificate: Buffer.from(certificate.der),
      not_after: 9,
      valid_from: 1,
      valid_until: 9,
      permitted_names: '["*"]',
      excluded_names: '[]',
      warnings: '[]',
      added: 5,
      published_sequence: null,
      retired: null,
      retired_sequence: null,
    });
    const rows = [
      { ...row('published'), published_sequence: 1 },
      row('added', issuing),
      { ...row('retired'), retired: 6 },
      { ...row('gone'), published_sequence: 1, retired: 6, retired_sequence: 2 },
    ];
    for (const values of rows) {
      await old.database
        .withTables<{ inspection_cas: Omit<typeof values, never> }>()
        .insertInto('inspection_cas')
        .values(values as never)
        .execute();
    }
    await old.close();
    const current = await openDatabase<ManagementDatabase>(location, managementDatabase, 'write');
    const { tables } = createManagementStore(current.database);
    const network = { organization: 'acme', network: 'plant' } as never;
    expect(await tables.inspectionCas.of(network)).toMatchObject([
      { fingerprint: 'published', approved: 5, role: 'root', predecessor: null, revoked: null },
      { fingerprint: 'added', approved: null, role: 'issuing' },
      { fingerprint: 'retired', approved: null, role: 'root' },
      { fingerprint: 'gone', approved: 5, retired: 6 },
    ]);
    await current.close();
  });
});

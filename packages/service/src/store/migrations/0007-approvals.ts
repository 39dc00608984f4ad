// Tables of migration 0007: which organizations demand two people, and the acts that wait for the second one.
import type { Kysely } from 'kysely';
import { type Columns, createTable } from '../create-table.ts';

const RULE: Columns = { organization: 'text key', since: 'bigint' };

const APPROVAL: Columns = {
  id: 'text key',
  organization: 'text',
  route: 'text',
  input: 'text',
  object: 'text',
  detail: 'text',
  reason: 'text?',
  requested_by: 'text',
  requested_role: 'text',
  requested_as: 'text',
  requested: 'bigint',
  expires: 'bigint',
  outcome: 'text?',
  decided_by: 'text?',
  decided: 'bigint?',
  decision_reason: 'text?',
};

export async function createApprovals(database: Kysely<unknown>): Promise<void> {
  await createTable(database, 'two_person_rules', RULE, (table) =>
    table.addForeignKeyConstraint('two_person_rules_organization', ['organization'], 'organizations', ['name']),
  );
  await createTable(database, 'approvals', APPROVAL, (table) =>
    table.addForeignKeyConstraint('approvals_organization', ['organization'], 'organizations', ['name']),
  );
  const columns = ['organization', 'requested'];
  await database.schema.createIndex('approvals_of').on('approvals').columns(columns).execute();
}

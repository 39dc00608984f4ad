// The table of migration 0010: logins that a browser has finished and the command that asked for them has not fetched yet.
import type { Kysely } from 'kysely';
import { type Columns, createTable } from '../create-table.ts';

const COMMAND_LOGIN: Columns = {
  digest: 'text key',
  challenge: 'text',
  person: 'text',
  role: 'text',
  organization: 'text?',
  issuer: 'text',
  subject: 'text',
  expires: 'bigint',
};

export async function createCommandLogins(database: Kysely<unknown>): Promise<void> {
  await createTable(database, 'command_logins', COMMAND_LOGIN);
}

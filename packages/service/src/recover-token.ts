// `windlass token recover`: who can write the service's database makes a token for somebody who lost theirs. It is the only act beside
// the management API, and it is in the audit like any other.
import { randomBytes } from 'node:crypto';
import { DEFAULT_TOKEN_DAYS, type OrganizationRole, type Role } from '@windlass/management';
import { formatTime, type OrganizationId, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { appendAudit } from './audit.ts';
import { databasesOf, loadConfig, serviceFiles } from './config.ts';
import { ConfigError } from './errors.ts';
import { SYSTEM } from './management.ts';
import type { ManagementTables } from './store/management-ports.ts';
import { openManagementStore } from './store/management-store.ts';
import { personId, personOfRole, storeToken } from './tokens.ts';

/** Whose token. */
export interface RecoverOptions {
  /** The service's directory. */
  readonly dir: string;
  /** Left out: a token of the service's admin. */
  readonly organization?: string;
  /** Left out: the person that the first token was for. */
  readonly person?: string;
  readonly reason?: string;
}

/** A new token and its only copy. */
export interface RecoveredToken {
  readonly token: string;
  readonly id: string;
  readonly person: string;
  readonly role: 'admin' | OrganizationRole;
  readonly organization: string | null;
  readonly expires: string;
}

const SECONDS_PER_DAY = 86_400;

/**
 * The person is an approver of the organization, or an admin, enabled, and has a new token. Other tokens stay as they are.
 * @throws ConfigError (no such organization too), StoreError
 */
export async function recoverToken(options: RecoverOptions): Promise<RecoveredToken> {
  const config = await loadConfig(serviceFiles(options.dir).config);
  const store = await openManagementStore(databasesOf(config).management, 'write');
  try {
    return await store.transaction((tables) => recover(tables, options, unixSeconds(Math.floor(Date.now() / 1000))));
  } finally {
    await store.close();
  }
}

async function recover(tables: ManagementTables, options: RecoverOptions, now: UnixSeconds): Promise<RecoveredToken> {
  const organization = await findScope(tables, options.organization);
  const role = organization === null ? 'admin' : 'approver';
  const person = options.person === undefined ? personOfRole(role, organization) : personId(options.person);
  const was = await enable(tables, { person, organization, role }, now);
  const expires = (now + DEFAULT_TOKEN_DAYS * SECONDS_PER_DAY) as UnixSeconds;
  const wanted = { person, organization, role, name: 'recovered', expires } as const;
  const { text, stored } = await storeToken(tables, wanted, now, randomBytes);
  await appendAudit(tables.audit, {
    time: now,
    actor: SYSTEM,
    act: 'token.recover',
    outcome: 'done',
    organization,
    object: `token ${stored.id} of ${person}`,
    detail: {},
    change: { before: was.before, after: { ...was.after, expires: formatTime(expires) } },
    reason: options.reason,
  });
  return { token: text, id: stored.id, person, role, organization, expires: formatTime(expires) };
}

async function findScope(tables: ManagementTables, name: string | undefined): Promise<OrganizationId | null> {
  if (name === undefined) return null;
  const found = await tables.organizations.find(name);
  if (found !== null) return found.name;
  throw new ConfigError('config-invalid', `There is no organization ${name} in this service: check the name.`);
}

async function enable(
  tables: ManagementTables,
  wanted: { readonly person: string; readonly organization: OrganizationId | null; readonly role: Role },
  now: UnixSeconds,
) {
  const { person, organization, role } = wanted;
  await tables.people.ensure(person, now);
  const before = await tables.people.find(person, organization);
  const roles = [...new Set([...(before?.roles ?? []), role])];
  const after = { person, organization, roles, created: before?.created ?? now, disabled: null };
  await (before === null ? tables.people.add(after) : tables.people.change(after));
  const was = before === null ? null : { roles: before.roles, disabled: before.disabled !== null };
  return { before: was, after: { roles, disabled: false } };
}

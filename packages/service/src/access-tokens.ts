// Tokens as their people see them: made with an end, listed without their secret, revoked.
import { DEFAULT_TOKEN_DAYS, type NewToken, type Role, type Token } from '@windlass/management';
import { formatTime, type UnixSeconds } from '@windlass/protocol';
import { type CredentialQuery, listCredentials } from './credential-list.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findPerson, managedScope } from './people.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { StoredMembership, StoredToken } from './store/management-ports-people.ts';
import { storeToken } from './tokens.ts';

const SECONDS_PER_DAY = 86_400;
/** Roles whose holders decide: nobody holds a token of another one of them, or one person could act as two. */
const DECIDING: readonly Role[] = ['admin', 'approver'];

/**
 * The person has a new token for one of their roles; its only copy is in the answer.
 * @throws Refusal `forbidden` (a second token of another approver or admin), `not-found`, `invalid-request` (which role?)
 */
export async function addPersonalToken(
  management: Management,
  actor: Actor,
  input: {
    readonly name: string;
    readonly person?: string;
    readonly role?: Role;
    readonly organization?: string;
    readonly days?: number;
  },
): Promise<NewToken> {
  return perform(management, actor, 'token.add', async (tables, now) => {
    const organization = managedScope(actor, input.organization);
    const person = await findPerson(tables, input.person ?? actor.person ?? '', organization);
    const role = roleOf(person, input.role);
    await refuseImpersonation(tables, actor, person);
    const expires = (now + (input.days ?? DEFAULT_TOKEN_DAYS) * SECONDS_PER_DAY) as UnixSeconds;
    const wanted = { person: person.person, organization, role, name: input.name, expires };
    const { text, stored } = await storeToken(tables, wanted, now, management.randomBytes);
    const token = tokenOf(stored);
    return {
      result: { ...token, token: text },
      organization,
      object: `token ${stored.id} of ${stored.person}`,
      detail: {},
      change: { before: null, after: { name: token.name, role, expires: token.expires } },
    };
  });
}

/** The tokens of the organization, or of the service, those that have ended too, without secrets. @throws Refusal `not-found` */
export async function listTokens(
  management: Management,
  actor: Actor,
  input: CredentialQuery,
): Promise<{ items: Token[]; next: string | null }> {
  const of = { list: 'tokens', table: management.store.tables.tokens, idleSeconds: null };
  return listCredentials(management, actor, of, input, tokenOf);
}

/** The token is nobody's from now on. @throws Refusal `forbidden`, `not-found` (also when it is another's, for who does not manage people) */
export async function revokeToken(
  management: Management,
  actor: Actor,
  input: { readonly id: string; readonly organization?: string; readonly reason?: string },
): Promise<Token> {
  return perform(management, actor, 'token.revoke', async (tables, now) => {
    const organization = managedScope(actor, input.organization);
    const found = (await tables.tokens.find(input.id)).filter((token) => token.organization === organization);
    const [token] = found.filter(({ person }) => managesPeople(actor) || person === actor.person);
    if (token === undefined) {
      throw new Refusal('not-found', `There is no token ${input.id} here: see "token list".`);
    }
    await tables.tokens.revoke([token.digest], now);
    const revoked = token.revoked ?? now;
    return {
      result: tokenOf({ ...token, revoked }),
      organization,
      object: `token ${token.id} of ${token.person}`,
      detail: {},
      change: { before: { revoked: token.revoked !== null }, after: { revoked: true } },
      reason: input.reason,
    };
  });
}

/** The people of their organization, or of the service, are theirs to manage. */
export function managesPeople({ role }: Actor): boolean {
  return role === 'admin' || role === 'approver';
}

function roleOf({ person, roles }: StoredMembership, wanted: Role | undefined): Role {
  if (wanted !== undefined) {
    refuseUnless(
      roles.includes(wanted),
      'invalid-request',
      `${person} does not have the role ${wanted}: grant it first.`,
    );
    return wanted;
  }
  const [only, another] = roles;
  if (only !== undefined && another === undefined) return only;
  const sentence = only === undefined ? 'has no role: grant one first' : `has the roles ${roles.join(', ')}: name one`;
  throw new Refusal('invalid-request', `${person} ${sentence}.`);
}

/** Who adds an approver hands over the first token. Every later one is for the person's own hands. */
async function refuseImpersonation(tables: ManagementTables, actor: Actor, person: StoredMembership): Promise<void> {
  if (person.person === actor.person || !person.roles.some((role) => DECIDING.includes(role))) return;
  const had = await tables.tokens.of({ organization: person.organization, person: person.person });
  refuseUnless(
    had.length === 0,
    'forbidden',
    `${person.person} decides as you do, and has had a token: only they can make another, so that nobody acts as two people.`,
  );
}

/** As lists show it. */
export function tokenOf({ id, person, name, role, organization, created, ...times }: StoredToken): Token {
  const text = (time: UnixSeconds | null) => (time === null ? null : formatTime(time));
  return {
    id,
    person,
    name,
    role,
    organization,
    created: formatTime(created),
    expires: text(times.expires),
    revoked: text(times.revoked),
    lastUsed: text(times.lastUsed),
  };
}

// Bearer tokens: 32 random bytes that are shown once. What is kept is their SHA-256, and whose they are.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { OrganizationRole, Role } from '@windlass/management';
import type { OrganizationId, UnixSeconds } from '@windlass/protocol';
import type { Actor, Credential } from './management.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { StoredCredential, StoredToken } from './store/management-ports-people.ts';

const TOKEN_BYTES = 32;
const TOKEN_PREFIX = 'wl_';
const TOKEN_FORM = /^wl_[A-Za-z0-9_-]{43}$/;
const ID_CHARACTERS = 8;
const FIRST_TOKEN_NAME = 'first';
/** When a token was last used is written down to the minute. */
const LAST_USED_SECONDS = 60;

type RandomBytes = (size: number) => Uint8Array;

/** Whom a first token is for: the operator of the service, or somebody in one organization; left out, the person is named after the role. */
export type TokenScope = { readonly person?: string } & (
  | { readonly role: 'admin' }
  | { readonly role: OrganizationRole; readonly organization: OrganizationId }
);

/** The person exists and has that role, and a token for it that ends at `expires`, or never. Returns the token: its only copy. */
export async function addToken(
  tables: ManagementTables,
  scope: TokenScope,
  now: UnixSeconds,
  randomBytes: RandomBytes,
  expires: UnixSeconds | null = null,
): Promise<string> {
  const organization = scope.role === 'admin' ? null : scope.organization;
  const person = scope.person ?? personOfRole(scope.role, organization);
  await ensureMembership(tables, { person, organization, role: scope.role }, now);
  const token = { person, organization, role: scope.role, name: FIRST_TOKEN_NAME, expires };
  return (await storeToken(tables, token, now, randomBytes)).text;
}

/** The person as it is kept: upper and lower case are the same. */
export function personId(text: string): string {
  return text.toLowerCase();
}

/** The name of a person of whom nothing is known but the role: `admin`, `acme-approver`. */
export function personOfRole(role: Role, organization: OrganizationId | null): string {
  return organization === null ? role : `${organization.toLowerCase()}-${role}`;
}

async function ensureMembership(
  tables: ManagementTables,
  wanted: { readonly person: string; readonly organization: OrganizationId | null; readonly role: Role },
  now: UnixSeconds,
): Promise<void> {
  const { person, organization, role } = wanted;
  await tables.people.ensure(person, now);
  const found = await tables.people.find(person, organization);
  if (found === null) {
    await tables.people.add({ person, organization, roles: [role], created: now, disabled: null });
  } else if (!found.roles.includes(role)) {
    await tables.people.change({ ...found, roles: [...found.roles, role] });
  }
}

/** A new token before it has an id. */
export type NewToken = Pick<StoredToken, 'person' | 'organization' | 'role' | 'name' | 'expires'>;

/** The token is stored as its digest; `text` is its only copy: `wl_` and 43 characters of base64url. */
export async function storeToken(
  tables: ManagementTables,
  wanted: NewToken,
  now: UnixSeconds,
  randomBytes: RandomBytes,
): Promise<{ readonly text: string; readonly stored: StoredToken }> {
  const text = `${TOKEN_PREFIX}${Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url')}`;
  const digest = digestOfSecret(text);
  const stored = { ...wanted, id: idOfDigest(digest), digest, created: now, revoked: null, lastUsed: null };
  await tables.tokens.add(stored);
  return { text, stored };
}

/**
 * Who holds `token`, or null when nobody does (any more): it is unknown, has ended or was revoked, or its person is disabled
 * or lost the role. Digests are compared in constant time.
 */
export async function actorOf(
  tables: ManagementTables,
  token: string,
  address: string,
  now: UnixSeconds,
): Promise<Actor | null> {
  if (!TOKEN_FORM.test(token)) return null;
  const digest = digestOfSecret(token);
  const found = findCredential(await tables.tokens.find(idOfDigest(digest)), digest);
  if (found === null || found.revoked !== null || (found.expires !== null && found.expires <= now)) return null;
  if (!(await isStillMember(tables, found))) return null;
  if (isUseWorthWriting(found.lastUsed, now)) await tables.tokens.used(digest, now);
  return actorWith(found, 'token', address);
}

/** The one with this digest. */
export function findCredential<Row extends StoredCredential>(candidates: readonly Row[], digest: string): Row | null {
  const wanted = Buffer.from(digest);
  return candidates.find((stored) => timingSafeEqual(Buffer.from(stored.digest), wanted)) ?? null;
}

/** The person of the token or session is not disabled, and still has its role. */
export async function isStillMember(tables: ManagementTables, credential: StoredCredential): Promise<boolean> {
  const membership = await tables.people.find(credential.person, credential.organization);
  return membership !== null && membership.disabled === null && membership.roles.includes(credential.role);
}

/** The token or session was not revoked, and its person still has its role. */
export async function isStillHeld(tables: ManagementTables, { kind, id, digest }: Credential): Promise<boolean> {
  const found = findCredential<StoredCredential>(
    kind === 'token' ? await tables.tokens.find(id) : await tables.sessions.find(id),
    digest,
  );
  return found !== null && found.revoked === null && (await isStillMember(tables, found));
}

/** Each use would be a write: once a minute is enough. */
export function isUseWorthWriting(lastUsed: UnixSeconds | null, now: UnixSeconds): boolean {
  return lastUsed === null || now - lastUsed >= LAST_USED_SECONDS;
}

/** Who acts with this credential: the audit names the person, and which token or session it was. */
export function actorWith(credential: StoredCredential, kind: 'token' | 'session', address: string): Actor {
  const { id, person, role, organization, digest } = credential;
  return { name: `${person} ${kind} ${id}`, person, role, organization, address, credential: { kind, id, digest } };
}

/** SHA-256, hexadecimal, of what a holder sends. */
export function digestOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** How people and the audit name the secret with this digest. */
export function idOfDigest(digest: string): string {
  return digest.slice(0, ID_CHARACTERS);
}

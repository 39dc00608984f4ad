// Bearer tokens: 32 random bytes that are shown once. What is kept is their SHA-256.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { OrganizationRole } from '@windlass/management';
import type { OrganizationId, UnixSeconds } from '@windlass/protocol';
import type { Actor } from './management.ts';
import type { ManagementTables, StoredToken } from './store/management-ports.ts';

const TOKEN_BYTES = 32;
const TOKEN_PREFIX = 'wl_';
const TOKEN_FORM = /^wl_[A-Za-z0-9_-]{43}$/;
const ID_CHARACTERS = 8;

/** Whom a token is for: the operator of the service, or somebody in one organization. */
export type TokenScope =
  | { readonly role: 'admin' }
  | { readonly role: OrganizationRole; readonly organization: OrganizationId };

/** A new token is stored as its digest; it ends at `expires`, or never. What is returned is its only copy: `wl_` and 43 characters of base64url. */
export async function addToken(
  tables: ManagementTables,
  scope: TokenScope,
  now: UnixSeconds,
  randomBytes: (size: number) => Uint8Array,
  expires: UnixSeconds | null = null,
): Promise<string> {
  const token = `${TOKEN_PREFIX}${Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url')}`;
  const digest = digestOfToken(token);
  const organization = scope.role === 'admin' ? null : scope.organization;
  await tables.tokens.add({
    id: digest.slice(0, ID_CHARACTERS),
    role: scope.role,
    organization,
    digest,
    created: now,
    expires,
  });
  return token;
}

/** Who holds `token`, or null when nobody does (any more). Digests are compared in constant time. */
export async function actorOf(
  tables: ManagementTables,
  token: string,
  address: string,
  now: UnixSeconds,
): Promise<Actor | null> {
  if (!TOKEN_FORM.test(token)) return null;
  const digest = digestOfToken(token);
  const candidates = await tables.tokens.find(digest.slice(0, ID_CHARACTERS));
  const found = candidates.find((stored) => timingSafeEqual(Buffer.from(stored.digest), Buffer.from(digest)));
  if (found === undefined || (found.expires !== null && found.expires <= now)) return null;
  return { name: nameOf(found), role: found.role, organization: found.organization, address };
}

function nameOf({ id, role, organization }: StoredToken): string {
  return organization === null ? `${role} ${id}` : `${role} of ${organization} ${id}`;
}

function digestOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

// Sessions of people who logged in: an opaque secret in a cookie, kept as its SHA-256, with an absolute and an idle end.
import type { Role, Session } from '@windlass/management';
import { formatTime, type OrganizationId, type UnixSeconds } from '@windlass/protocol';
import { managesPeople } from './access-tokens.ts';
import { type CredentialQuery, listCredentials } from './credential-list.ts';
import { type Actor, type Management, perform } from './management.ts';
import { managedScope } from './people.ts';
import { Refusal } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { StoredSession } from './store/management-ports-people.ts';
import { actorWith, digestOfSecret, findCredential, idOfDigest, isStillMember, isUseWorthWriting } from './tokens.ts';

/** A session ends after this, however much it is used. */
export const SESSION_SECONDS = 12 * 3600;
/** A session that is not used ends after this. */
export const IDLE_SECONDS = 3600;
const SECRET_BYTES = 32;
const SECRET_FORM = /^[A-Za-z0-9_-]{43}$/;

/** As whom somebody acts. */
export interface SessionScope {
  readonly person: string;
  readonly role: Role;
  readonly organization: OrganizationId | null;
}

/** The person is logged in. Returns the secret for the cookie, its only copy, and what is stored. */
export async function addSession(
  tables: ManagementTables,
  scope: SessionScope,
  now: UnixSeconds,
  randomBytes: (size: number) => Uint8Array,
): Promise<{ readonly secret: string; readonly stored: StoredSession }> {
  const secret = Buffer.from(randomBytes(SECRET_BYTES)).toString('base64url');
  const digest = digestOfSecret(secret);
  const expires = (now + SESSION_SECONDS) as UnixSeconds;
  const times = { created: now, expires, lastUsed: now, revoked: null };
  const stored = { ...scope, id: idOfDigest(digest), digest, ...times };
  await tables.sessions.add(stored);
  return { secret, stored };
}

/** Whose session it is, or null when it has ended, was revoked, or its person is disabled or lost the role. */
export async function sessionActor(
  tables: ManagementTables,
  secret: string,
  address: string,
  now: UnixSeconds,
): Promise<Actor | null> {
  const found = await liveSession(tables, secret, now);
  if (found === null || !(await isStillMember(tables, found))) return null;
  if (isUseWorthWriting(found.lastUsed, now)) await tables.sessions.used(found.digest, now);
  return actorWith(found, 'session', address);
}

/** The session of this secret, when it has not ended. */
export async function liveSession(
  tables: ManagementTables,
  secret: string,
  now: UnixSeconds,
): Promise<StoredSession | null> {
  if (!SECRET_FORM.test(secret)) return null;
  const digest = digestOfSecret(secret);
  const found = findCredential(await tables.sessions.find(idOfDigest(digest)), digest);
  if (found === null || found.revoked !== null) return null;
  return found.expires > now && now - found.lastUsed < IDLE_SECONDS ? found : null;
}

/** The sessions of the organization's people, or of the service's, those that have ended too. @throws Refusal `not-found`, `invalid-request` (the cursor) */
export async function listSessions(
  management: Management,
  actor: Actor,
  input: CredentialQuery,
): Promise<{ items: Session[]; next: string | null }> {
  const of = { list: 'sessions', table: management.store.tables.sessions, idleSeconds: IDLE_SECONDS };
  return listCredentials(management, actor, of, input, sessionOf);
}

/** The session has ended. @throws Refusal `forbidden`, `not-found` (also when it is another's, for who does not manage people) */
export async function revokeSession(
  management: Management,
  actor: Actor,
  input: { readonly id: string; readonly organization?: string; readonly reason?: string },
): Promise<Session> {
  return perform(management, actor, 'session.revoke', async (tables, now) => {
    const organization = managedScope(actor, input.organization);
    const found = (await tables.sessions.find(input.id)).filter((session) => session.organization === organization);
    const [session] = found.filter(({ person }) => managesPeople(actor) || person === actor.person);
    if (session === undefined) {
      throw new Refusal('not-found', `There is no session ${input.id} here: see "session list".`);
    }
    await tables.sessions.revoke([session.digest], now);
    return {
      result: sessionOf({ ...session, revoked: session.revoked ?? now }),
      organization,
      object: `session ${session.id} of ${session.person}`,
      detail: {},
      change: { before: { revoked: session.revoked !== null }, after: { revoked: true } },
      reason: input.reason,
    };
  });
}

function sessionOf({ id, person, role, organization, created, expires, revoked, lastUsed }: StoredSession): Session {
  return {
    id,
    person,
    role,
    organization,
    created: formatTime(created),
    expires: formatTime(expires),
    revoked: revoked === null ? null : formatTime(revoked),
    lastUsed: formatTime(lastUsed),
  };
}

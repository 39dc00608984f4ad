// Who somebody is whom the identity provider vouches for, and what they may do here: nobody becomes a person by logging in.
import type { Role } from '@windlass/management';
import { formatTime, type OrganizationId, type UnixSeconds } from '@windlass/protocol';
import { appendAudit } from './audit.ts';
import type { Management } from './management.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { addSession, type SessionScope } from './sessions.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { StoredMembership, StoredSession } from './store/management-ports-people.ts';
import { actorWith, personId } from './tokens.ts';

/** What the identity provider says, verified. */
export interface Identity {
  readonly issuer: string;
  /** Stable and unique at the issuer. */
  readonly subject: string;
  /** null: none, or none that the provider has verified. */
  readonly verifiedEmail: string | null;
}

/** As what somebody wants to act, where there is a choice. */
export interface WantedScope {
  readonly organization?: string;
  readonly role?: string;
}

/** The first of these that a person has is what they act as when they do not say. */
const PREFERRED: readonly Role[] = ['admin', 'approver', 'network-admin', 'operator', 'installer', 'auditor'];
const UNKNOWN = 'Nobody here has this account: ask who manages people here to add you by your verified e-mail address.';

/**
 * Who it is, and as what they act. They are found by issuer and subject; the first time by a verified e-mail address that is the name of a
 * person whom no other account of the issuer has been.
 * @throws Refusal `forbidden` (unknown, disabled, without the wanted role), `invalid-request` (which organization?)
 */
export async function identify(
  tables: ManagementTables,
  identity: Identity,
  wanted: WantedScope,
  now: UnixSeconds,
): Promise<SessionScope> {
  const person = (await linkedPerson(tables, identity)) ?? (await personByEmail(tables, identity, now));
  return { person, ...choose(await tables.people.memberships(person), wanted) };
}

/** The person has a session. @throws Refusal as `identify` */
export async function logIn(
  management: Management,
  identity: Identity,
  wanted: WantedScope,
  address: string,
): Promise<{ readonly secret: string; readonly stored: StoredSession }> {
  const { store, now, randomBytes } = management;
  return store.transaction(async (tables) => {
    const scope = await identify(tables, identity, wanted, now());
    const made = await addSession(tables, scope, now(), randomBytes);
    const { issuer, subject } = identity;
    await appendAudit(tables.audit, {
      time: now(),
      actor: actorWith(made.stored, 'session', address),
      act: 'session.add',
      outcome: 'done',
      organization: scope.organization,
      object: `session ${made.stored.id} of ${scope.person}`,
      detail: { issuer, subject },
      change: { before: null, after: { role: scope.role, expires: formatTime(made.stored.expires) } },
    });
    return made;
  });
}

async function linkedPerson({ identities }: ManagementTables, { issuer, subject }: Identity): Promise<string | null> {
  return identities.personOf(issuer, subject);
}

async function personByEmail(tables: ManagementTables, identity: Identity, now: UnixSeconds): Promise<string> {
  const { issuer, subject, verifiedEmail } = identity;
  const person = personId(verifiedEmail ?? '');
  const isPerson = person !== '' && (await tables.people.memberships(person)).some(({ disabled }) => disabled === null);
  // An address that changed hands at the provider must not bring the old holder's rights along.
  refuseUnless(isPerson && !(await tables.identities.isLinked(issuer, person)), 'forbidden', UNKNOWN);
  await tables.identities.add({ issuer, subject, person, created: now });
  return person;
}

function choose(
  memberships: readonly StoredMembership[],
  { organization, role }: WantedScope,
): { readonly organization: OrganizationId | null; readonly role: Role } {
  const usable = memberships.filter(({ disabled, roles }) => disabled === null && roles.length > 0);
  refuseUnless(usable.length > 0, 'forbidden', UNKNOWN);
  const named = usable.filter((one) => organization === undefined || one.organization === organization);
  const [only, another] = named;
  if (only === undefined) throw new Refusal('forbidden', UNKNOWN);
  if (another !== undefined) {
    const names = named.map((one) => one.organization ?? 'the service').join(', ');
    throw new Refusal('invalid-request', `You are in ${names}: log in with /login?organization=NAME.`);
  }
  const found = PREFERRED.find((one) => only.roles.includes(one) && (role === undefined || role === one));
  if (found === undefined) throw new Refusal('forbidden', 'You do not have this role here: log in without naming one.');
  return { organization: only.organization, role: found };
}

// People and their roles. Who manages people decides who decides: the operator of the service has no say inside an organization,
// and one person cannot become two.
import type { PageInput, Person, Role } from '@windlass/management';
import { formatTime, type OrganizationId, type UnixSeconds } from '@windlass/protocol';
import { type Actor, type Done, type Management, perform } from './management.ts';
import { findOrganization } from './organizations.ts';
import { pageOf, wantedPage } from './paging.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { StoredMembership } from './store/management-ports-people.ts';
import { personId } from './tokens.ts';
import { leastApprovers } from './two-person-rule.ts';

interface Scoped {
  readonly organization?: string;
  readonly reason?: string;
}

/** Of whose people is spoken: an organization's, or (null) the service's. */
type Scope = OrganizationId | null;

/** The roles without which nobody could manage people any more. */
const INDISPENSABLE: readonly Role[] = ['admin', 'approver'];

/**
 * The person is one of the organization, or of the service, with these roles; one who was disabled is enabled again.
 * @throws Refusal `forbidden`, `invalid-request` (a role of elsewhere), `exists`
 */
export async function addPerson(
  management: Management,
  actor: Actor,
  input: Scoped & { readonly person: string; readonly roles: readonly Role[] },
): Promise<Person> {
  return perform(management, actor, 'person.add', async (tables, now) => {
    const organization = managedScope(actor, input.organization);
    const person = personId(input.person);
    for (const role of input.roles) refuseForeignRole(role, organization);
    const before = await tables.people.find(person, organization);
    const isFree = before === null || before.disabled !== null;
    refuseUnless(isFree, 'exists', `There is a person ${person} already: give them a role with "person grant".`);
    const after = { person, organization, roles: input.roles, created: before?.created ?? now, disabled: null };
    await tables.people.ensure(person, now);
    await (before === null ? tables.people.add(after) : tables.people.change(after));
    return doneOf(before, after, input.reason);
  });
}

/** The people of the organization, or of the service, by name; those who are disabled too. @throws Refusal `not-found` */
export async function listPeople(
  management: Management,
  actor: Actor,
  input: PageInput & { readonly organization?: string; readonly role?: Role },
): Promise<{ items: Person[]; next: string | null }> {
  const { tables } = management.store;
  const { role } = input;
  const organization = await readScope(tables, actor, input.organization);
  const page = wantedPage('people', { organization, role }, { person: 'string' }, input);
  const rows = await tables.people.page({
    organization,
    role,
    after: page.after?.person ?? null,
    limit: page.limit + 1,
  });
  return pageOf(page, rows, (row) => row, personOf);
}

/** One of the people of the organization, or of the service; also one who is disabled. @throws Refusal `not-found` */
export async function showPerson(
  management: Management,
  actor: Actor,
  input: { readonly organization?: string; readonly person: string },
): Promise<Person> {
  const { tables } = management.store;
  const person = personId(input.person);
  const found = await tables.people.find(person, await readScope(tables, actor, input.organization));
  if (found === null) throw unknownPerson(person);
  return personOf(found);
}

/** The person may do nothing here from now on: all their tokens and sessions have ended. @throws Refusal `forbidden`, `not-found`, `last-of-role` */
export async function disablePerson(
  management: Management,
  actor: Actor,
  input: Scoped & { readonly person: string },
): Promise<Person> {
  return perform(management, actor, 'person.disable', async (tables, now) => {
    const before = await findPerson(tables, input.person, managedScope(actor, input.organization));
    for (const role of before.roles) await refuseLast(tables, before, role);
    const after = { ...before, disabled: now };
    await tables.people.change(after);
    const ended = await endCredentials(tables, before, before.roles, now);
    // Enabled again, they log in as at first: the account at the identity provider may be another one by then.
    const left = (await tables.people.memberships(before.person)).filter(({ disabled }) => disabled === null);
    if (left.length === 0) await tables.identities.unlink(before.person);
    return doneOf(before, after, input.reason, ended);
  });
}

/** The person has the role as well. @throws Refusal `forbidden`, `invalid-request`, `not-found`, `exists` */
export async function grantRole(
  management: Management,
  actor: Actor,
  input: Scoped & { readonly person: string; readonly role: Role },
): Promise<Person> {
  return perform(management, actor, 'person.grant', async (tables) => {
    const organization = managedScope(actor, input.organization);
    refuseForeignRole(input.role, organization);
    const before = await findPerson(tables, input.person, organization);
    const isNew = !before.roles.includes(input.role);
    refuseUnless(isNew, 'exists', `${before.person} has the role ${input.role} already.`);
    const after = { ...before, roles: [...before.roles, input.role] };
    await tables.people.change(after);
    return doneOf(before, after, input.reason);
  });
}

/** The person has the role no more: their tokens and sessions with it have ended. @throws Refusal `forbidden`, `not-found`, `last-of-role` */
export async function revokeRole(
  management: Management,
  actor: Actor,
  input: Scoped & { readonly person: string; readonly role: Role },
): Promise<Person> {
  return perform(management, actor, 'person.revoke-role', async (tables, now) => {
    const before = await findPerson(tables, input.person, managedScope(actor, input.organization));
    if (!before.roles.includes(input.role)) {
      throw new Refusal('not-found', `${before.person} does not have the role ${input.role}: see "person list".`);
    }
    await refuseLast(tables, before, input.role);
    const after = { ...before, roles: before.roles.filter((role) => role !== input.role) };
    await tables.people.change(after);
    const ended = await endCredentials(tables, before, [input.role], now);
    return doneOf(before, after, input.reason, ended);
  });
}

/** Whose people the actor manages. @throws Refusal `forbidden` when the operator of the service names an organization */
export function managedScope(actor: Actor, named: string | undefined): Scope {
  if (actor.role !== 'admin') return actor.organization;
  const sentence = "An organization's people are managed by its approver alone: leave --organization out.";
  refuseUnless(named === undefined, 'forbidden', sentence);
  return null;
}

/** Whose people the actor looks at. @throws Refusal `not-found` */
export async function readScope(tables: ManagementTables, actor: Actor, named: string | undefined): Promise<Scope> {
  if (actor.role !== 'admin') return actor.organization;
  return named === undefined ? null : (await findOrganization(tables, named)).name;
}

/** The membership of somebody who is not disabled. @throws Refusal `not-found` */
export async function findPerson(tables: ManagementTables, text: string, scope: Scope): Promise<StoredMembership> {
  const person = personId(text);
  const found = await tables.people.find(person, scope);
  if (found !== null && found.disabled === null) return found;
  throw unknownPerson(person);
}

function unknownPerson(person: string): Refusal {
  return new Refusal('not-found', `There is no person ${person} here: see "person list", or add them.`);
}

function refuseForeignRole(role: Role, scope: Scope): void {
  const fits = (role === 'admin') === (scope === null);
  const sentence =
    scope === null
      ? `The role ${role} is of an organization: people of the service have the role admin.`
      : 'The role admin is of the service: choose approver, network-admin, operator, installer or auditor.';
  refuseUnless(fits, 'invalid-request', sentence);
}

async function refuseLast(tables: ManagementTables, leaving: StoredMembership, role: Role): Promise<void> {
  if (!INDISPENSABLE.includes(role)) return;
  const { person: leaver, organization } = leaving;
  const others = (await tables.people.of(organization)).filter(
    ({ person, disabled, roles }) => person !== leaver && disabled === null && roles.includes(role),
  );
  const least = organization === null ? 1 : await leastApprovers(tables, organization);
  const sentence =
    least === 1
      ? `${leaver} is the last with the role ${role}: give it to somebody else first.`
      : `Two people have to agree in ${organization}, and without ${leaver} there would be ${others.length} with the role ${role}: give it to somebody else first, and end their tokens and sessions until then.`;
  refuseUnless(others.length >= least, 'last-of-role', sentence); // spec S16
}

/** Ends what the person holds with these roles; says which. */
async function endCredentials(
  tables: ManagementTables,
  { person, organization }: StoredMembership,
  roles: readonly Role[],
  now: UnixSeconds,
): Promise<Ended> {
  const isEnding = (row: { readonly role: Role; readonly revoked: UnixSeconds | null }) =>
    row.revoked === null && roles.includes(row.role);
  const tokens = (await tables.tokens.of({ organization, person })).filter(isEnding);
  const sessions = (await tables.sessions.of({ organization, person })).filter(isEnding);
  const digests = (rows: readonly { readonly digest: string }[]) => rows.map(({ digest }) => digest);
  await tables.tokens.revoke(digests(tokens), now);
  await tables.sessions.revoke(digests(sessions), now);
  return { tokens: tokens.map(({ id }) => id), sessions: sessions.map(({ id }) => id) };
}

interface Ended {
  readonly tokens: readonly string[];
  readonly sessions: readonly string[];
}

function doneOf(
  before: StoredMembership | null,
  after: StoredMembership,
  reason: string | undefined,
  ended?: Ended,
): Done<Person> {
  const { person, organization } = after;
  return {
    result: personOf(after),
    organization,
    object: organization === null ? `person ${person}` : `person ${organization}/${person}`,
    detail: ended === undefined ? {} : { ended },
    change: { before: before === null ? null : stateOf(before), after: stateOf(after) },
    reason,
  };
}

const stateOf = ({ roles, disabled }: StoredMembership) => ({ roles, disabled: disabled !== null });

function personOf({ person, organization, roles, created, disabled }: StoredMembership): Person {
  return {
    person,
    organization,
    roles: [...roles],
    created: formatTime(created),
    disabled: disabled === null ? null : formatTime(disabled),
  };
}

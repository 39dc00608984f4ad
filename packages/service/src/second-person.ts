// Where an organization demands two people: whether an act waits for the second one. The route table says which acts do; what has
// nothing to do with trust never waits.
import type { Route } from '@windlass/management';
import type { Actor } from './management.ts';
import type { ManagementTables } from './store/management-ports.ts';
import { personId } from './tokens.ts';

/** The act may not be done by its actor alone. */
export async function needsSecondPerson(
  tables: ManagementTables,
  route: Route,
  actor: Actor,
  input: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { organization } = actor;
  if (route.secondPerson === undefined || organization === null) return false;
  if ((await tables.twoPersonRules.since(organization)) === null) return false;
  switch (route.secondPerson) {
    case 'always':
      return true;
    case 'when-weaker':
      return input['required'] !== true;
    case 'for-approvers':
      return makesApprover(tables, route, actor, input);
  }
}

/** Somebody could approve afterwards who could not before: a new approver, or whoever holds another approver's token. */
async function makesApprover(
  tables: ManagementTables,
  { act }: Route,
  actor: Actor,
  { person, role, roles }: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  if (act !== 'token.add') return role === 'approver' || (Array.isArray(roles) && roles.includes('approver'));
  if (typeof person !== 'string' || personId(person) === actor.person) return false;
  const member = await tables.people.find(personId(person), actor.organization);
  return member?.roles.includes('approver') === true;
}

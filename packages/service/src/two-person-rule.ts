// The rule of an organization that two people have to agree before trust changes. One can make it stricter, two have to make it weaker.
import type { TwoPersonRule } from '@windlass/management';
import { formatTime, type OrganizationId, type UnixSeconds } from '@windlass/protocol';
import { type Actor, type Management, perform } from './management.ts';
import { findOrganization } from './organizations.ts';
import { refuseUnless } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';

/** Without as many, nothing could be approved any more. */
const LEAST_APPROVERS = 2;

/**
 * From now on two people have to agree, or one is enough. That this waits for a second person where it makes the rule weaker is up to
 * second-person.ts.
 * @throws Refusal `not-found`, `nothing-changed`, `not-yet` (too few approvers)
 */
export async function setTwoPersonRule(
  management: Management,
  actor: Actor,
  input: { readonly organization: string; readonly required: boolean; readonly reason?: string },
): Promise<TwoPersonRule> {
  return perform(management, actor, 'organization.two-person-rule', async (tables, now) => {
    const { name } = await findOrganization(tables, input.organization);
    const before = await tables.twoPersonRules.since(name);
    const isSo = `In ${name} ${input.required ? 'two people have to agree' : 'one person is enough'} already.`;
    refuseUnless((before !== null) !== input.required, 'nothing-changed', isSo);
    const approvers = await countApprovers(tables, name);
    refuseUnless(
      !input.required || approvers >= LEAST_APPROVERS,
      'not-yet',
      `${name} has ${approvers} person with the role approver, and nothing could be approved: add another one first.`,
    );
    const since = input.required ? now : null;
    await tables.twoPersonRules.set(name, since);
    return {
      result: ruleOf(name, since, approvers),
      organization: name,
      object: `organization ${name}`,
      detail: {},
      change: { before: { twoPersonRule: before !== null }, after: { twoPersonRule: input.required } },
      reason: input.reason,
    };
  });
}

/** Whether two people have to agree. @throws Refusal `not-found` */
export async function showTwoPersonRule(
  { store: { tables } }: Management,
  input: { readonly organization: string },
): Promise<TwoPersonRule> {
  const { name } = await findOrganization(tables, input.organization);
  return ruleOf(name, await tables.twoPersonRules.since(name), await countApprovers(tables, name));
}

/** How many approvers an organization must keep. */
export async function leastApprovers(tables: ManagementTables, organization: OrganizationId): Promise<number> {
  return (await tables.twoPersonRules.since(organization)) === null ? 1 : LEAST_APPROVERS;
}

async function countApprovers(tables: ManagementTables, organization: OrganizationId): Promise<number> {
  const people = await tables.people.of(organization);
  return people.filter(({ disabled, roles }) => disabled === null && roles.includes('approver')).length;
}

function ruleOf(organization: OrganizationId, since: UnixSeconds | null, approvers: number): TwoPersonRule {
  return { organization, required: since !== null, since: since === null ? null : formatTime(since), approvers };
}

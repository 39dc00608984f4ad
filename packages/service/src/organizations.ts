// Organizations: who owns devices and networks. Each has a publisher of its own, so that a stolen one reaches no other.
import type { NewOrganization, Organization } from '@windlass/management';
import { formatTime, parseOrganizationId } from '@windlass/protocol';
import { keyDigestOf, parseDer, pemOf } from './certificates.ts';
import { type Actor, type Management, perform } from './management.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables, StoredOrganization } from './store/management-ports.ts';
import { addToken, personId, personOfRole } from './tokens.ts';

const FIRST_EPOCH = 1;

/**
 * The organization exists, with a publisher anchor, a publisher and one approver's token, whose only copy is in the answer.
 * @throws Refusal `exists`
 */
export async function addOrganization(
  management: Management,
  actor: Actor,
  input: { readonly name: string; readonly approver?: string },
): Promise<NewOrganization> {
  return perform(management, actor, 'organization.add', async (tables, now) => {
    const name = parseOrganizationId(input.name);
    const taken = (await tables.organizations.all()).some((other) => other.name.toLowerCase() === name.toLowerCase());
    refuseUnless(!taken, 'exists', `There is an organization ${name} already: choose another name.`);
    const { anchor, expires } = await management.keys.createPublisher(name, now);
    const publisher = { keyDigest: keyDigestOf(parseDer(anchor)), anchor, expires };
    const stored: StoredOrganization = { name, epoch: FIRST_EPOCH, publishers: [publisher], created: now };
    await tables.organizations.add(stored);
    const person = input.approver === undefined ? personOfRole('approver', name) : personId(input.approver);
    const scope = { role: 'approver', organization: name, person } as const;
    const approverToken = await addToken(tables, scope, now, management.randomBytes);
    return {
      result: { ...organizationOf(stored), approverToken },
      organization: name,
      object: `organization ${name}`,
      detail: {},
      change: { before: null, after: { epoch: FIRST_EPOCH, publisherAnchor: publisher.keyDigest, approver: person } },
    };
  });
}

/** Every organization, in the order they were made. */
export async function listOrganizations(management: Management): Promise<{ items: Organization[] }> {
  return { items: (await management.store.tables.organizations.all()).map(organizationOf) };
}

/** The organization of that name. @throws Refusal `not-found` */
export async function findOrganization(tables: ManagementTables, name: string): Promise<StoredOrganization> {
  const found = await tables.organizations.find(name);
  if (found === null) throw unknownOrganization(name);
  return found;
}

/** What everybody is told of an organization that is unknown, or not theirs. */
export function unknownOrganization(name: string): Refusal {
  return new Refusal('not-found', `There is no organization ${name}: check the name, and that the token is for it.`);
}

function organizationOf({ name, epoch, publishers, created }: StoredOrganization): Organization {
  const newest = publishers.at(-1);
  if (newest === undefined) throw new Error(`Organization ${name} has no publisher anchor.`);
  return {
    name,
    epoch,
    publisherAnchor: pemOf(newest.anchor),
    publisherExpires: formatTime(newest.expires),
    created: formatTime(created),
  };
}

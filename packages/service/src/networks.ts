// Networks: where an inspection CA applies. One egress and its inspecting proxies.
import type { Network } from '@windlass/management';
import { formatTime, type NetworkId, type OrganizationId, parseNetworkId } from '@windlass/protocol';
import { type Actor, type Management, perform } from './management.ts';
import { findOrganization } from './organizations.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables, NetworkKey, StoredNetwork } from './store/management-ports.ts';

const MAX_NETWORKS = 1_000;

/** The network exists. @throws Refusal `not-found` (organization), `exists`, `limit-reached` */
export async function addNetwork(
  management: Management,
  actor: Actor,
  input: { readonly organization: string; readonly name: string },
): Promise<Network> {
  return perform(management, actor, 'network.add', async (tables, now) => {
    const { name: organization } = await findOrganization(tables, input.organization);
    const networks = await tables.networks.of(organization);
    const taken = networks.some(({ name }) => name === input.name);
    refuseUnless(!taken, 'exists', `There is a network ${input.name} already: choose another name.`);
    refuseUnless(
      networks.length < MAX_NETWORKS,
      'limit-reached',
      `An organization has at most ${MAX_NETWORKS} networks.`,
    );
    const added: StoredNetwork = { organization, name: parseNetworkId(input.name), created: now, services: {} };
    await tables.networks.add(added);
    const object = `network ${organization}/${added.name}`;
    const change = { before: null, after: { name: added.name } };
    return { result: networkOf(added, 0), organization, object, detail: {}, change };
  });
}

/** The organization's networks, in the order they were made. @throws Refusal `not-found` */
export async function listNetworks(management: Management, name: string): Promise<{ items: Network[] }> {
  const { tables } = management.store;
  const organization = await findOrganization(tables, name);
  const current = await tables.profiles.currentSequences(organization.name);
  const sequences = new Map(current.map(({ network, sequence }) => [network, sequence]));
  const networks = await tables.networks.of(organization.name);
  return { items: networks.map((network) => networkOf(network, sequences.get(network.name) ?? 0)) };
}

/** The network of that name. @throws Refusal `not-found` */
export async function findNetwork(
  tables: ManagementTables,
  organization: OrganizationId,
  name: string,
): Promise<NetworkKey> {
  const found = await tables.networks.find(organization, name);
  if (found === null) {
    throw new Refusal('not-found', `${organization} has no network ${name}: add it first, or check the name.`);
  }
  return { organization: found.organization, network: found.name };
}

/** The name of the network that was named; null: none was. @throws Refusal `not-found` */
export async function findNamedNetwork(
  tables: ManagementTables,
  organization: OrganizationId,
  name: string | undefined,
): Promise<NetworkId | null> {
  return name === undefined ? null : (await findNetwork(tables, organization, name)).network;
}

/** Which network, by two names as they were given. */
export interface InNetwork {
  readonly organization: string;
  readonly network: string;
}

/** The network of the two names. @throws Refusal `not-found` (organization, network) */
export async function findNetworkOf(tables: ManagementTables, input: InNetwork): Promise<NetworkKey> {
  const organization = await findOrganization(tables, input.organization);
  return findNetwork(tables, organization.name, input.network);
}

/** A network as it is told. */
export function networkOf({ organization, name, created }: StoredNetwork, sequence: number): Network {
  return { organization, name, sequence, created: formatTime(created) };
}

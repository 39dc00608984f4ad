// Endpoints: what devices on a network must reach through its proxy. They are published with the profile.
import type { Endpoint } from '@windlass/management';
import { MAX_ENDPOINTS, type Endpoint as ProfileEndpoint, parseHost } from '@windlass/protocol';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf, type InNetwork } from './networks.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { NetworkKey } from './store/management-ports.ts';

/** The endpoint is part of the next publication. @throws Refusal `not-found`, `invalid-request` (host), `exists`, `limit-reached` */
export async function addEndpoint(
  management: Management,
  actor: Actor,
  input: InNetwork & ProfileEndpoint,
): Promise<Endpoint> {
  return perform(management, actor, 'endpoint.add', async (tables) => {
    const key = await findNetworkOf(tables, input);
    const { name, port, protocol, required } = input;
    const endpoint = { name, host: hostOf(input.host), port, protocol, required };
    const endpoints = await tables.endpoints.of(key);
    const taken = endpoints.some((other) => other.name === name);
    refuseUnless(!taken, 'exists', `There is an endpoint ${name} already: choose another name, or remove it first.`);
    const full = endpoints.length >= MAX_ENDPOINTS;
    refuseUnless(!full, 'limit-reached', `A network has at most ${MAX_ENDPOINTS} endpoints: remove one first.`);
    await tables.endpoints.add(key, endpoint);
    return {
      result: endpoint,
      organization: key.organization,
      object: objectOf(key, name),
      detail: {},
      change: { before: null, after: endpoint },
    };
  });
}

/** The network's endpoints, by name. @throws Refusal `not-found` */
export async function listEndpoints(management: Management, input: InNetwork): Promise<{ items: Endpoint[] }> {
  const { tables } = management.store;
  return { items: [...(await tables.endpoints.of(await findNetworkOf(tables, input)))] };
}

/** The endpoint is no longer part of what is published. @throws Refusal `not-found` */
export async function removeEndpoint(
  management: Management,
  actor: Actor,
  input: InNetwork & { readonly endpoint: string },
): Promise<Endpoint> {
  return perform(management, actor, 'endpoint.remove', async (tables) => {
    const key = await findNetworkOf(tables, input);
    const found = (await tables.endpoints.of(key)).find(({ name }) => name === input.endpoint);
    if (found === undefined) {
      throw new Refusal('not-found', `Network ${key.network} has no endpoint ${input.endpoint}: check the name.`);
    }
    await tables.endpoints.remove(key, found.name);
    return {
      result: found,
      organization: key.organization,
      object: objectOf(key, found.name),
      detail: {},
      change: { before: found, after: null },
    };
  });
}

function hostOf(text: string): string {
  try {
    return parseHost(text.toLowerCase());
  } catch (cause) {
    throw new Refusal('invalid-request', 'host must be a DNS name (A-labels, no final dot) or an IP address.', {
      cause,
    });
  }
}

function objectOf({ organization, network }: NetworkKey, name: string): string {
  return `endpoint ${organization}/${network}/${name}`;
}

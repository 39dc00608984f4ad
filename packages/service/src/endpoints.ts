// Endpoints: what devices on a network must reach through its proxy. They are published with the profile.
import type { Endpoint } from '@windlass/management';
import {
  type Digest,
  MAX_ENDPOINTS,
  type Endpoint as ProfileEndpoint,
  parseDigest,
  parseHost,
} from '@windlass/protocol';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf, type InNetwork } from './networks.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { NetworkKey } from './store/management-ports.ts';

type AddedEndpoint = Omit<ProfileEndpoint, 'pins'> & { readonly pins?: readonly string[] };

/** The endpoint is part of the next publication. @throws Refusal `not-found`, `invalid-request` (host, path, pins), `exists`, `limit-reached` */
export async function addEndpoint(
  management: Management,
  actor: Actor,
  input: InNetwork & AddedEndpoint,
): Promise<Endpoint> {
  return perform(management, actor, 'endpoint.add', async (tables) => {
    const key = await findNetworkOf(tables, input);
    const endpoint = endpointOf(input);
    const { name } = endpoint;
    const endpoints = await tables.endpoints.of(key);
    const taken = endpoints.some((other) => other.name === name);
    refuseUnless(!taken, 'exists', `There is an endpoint ${name} already: choose another name, or remove it first.`);
    const full = endpoints.length >= MAX_ENDPOINTS;
    refuseUnless(!full, 'limit-reached', `A network has at most ${MAX_ENDPOINTS} endpoints: remove one first.`);
    await tables.endpoints.add(key, endpoint);
    return {
      result: endpointEntry(endpoint),
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
  return { items: (await tables.endpoints.of(await findNetworkOf(tables, input))).map(endpointEntry) };
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
      result: endpointEntry(found),
      organization: key.organization,
      object: objectOf(key, found.name),
      detail: {},
      change: { before: found, after: null },
    };
  });
}

function endpointOf({ name, host, port, protocol, required, ...details }: AddedEndpoint): ProfileEndpoint {
  const { path, alpn, clientCertificate, pins } = details;
  refuseUnless(
    path === undefined || protocol === 'https' || protocol === 'wss',
    'invalid-request',
    `path is for https and wss: leave it out for ${protocol}.`,
  );
  return {
    name,
    host: hostOf(host),
    port,
    protocol,
    required,
    ...(path !== undefined && { path }),
    ...(alpn !== undefined && { alpn }),
    ...(clientCertificate === true && { clientCertificate }),
    ...(pins !== undefined && { pins: [...new Set(pins)].map(pinOf) }),
  };
}

/** As it is told. */
export function endpointEntry({ pins, ...endpoint }: ProfileEndpoint): Endpoint {
  return { ...endpoint, ...(pins && { pins: [...pins] }) };
}

function pinOf(text: string): Digest {
  try {
    return parseDigest(text);
  } catch (cause) {
    throw new Refusal('invalid-request', 'pins must be canonical base64 of SHA-256 digests.', { cause });
  }
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

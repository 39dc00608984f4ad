// One network with all that its next publication is made of: what somebody looks at before they change it.
import type { NetworkDetail } from '@windlass/management';
import { formatTime } from '@windlass/protocol';
import { endpointEntry } from './endpoints.ts';
import { stateOf } from './inspection-ca-entry.ts';
import type { Management } from './management.ts';
import { servicesEntry } from './network-services.ts';
import { findNetworkOf, type InNetwork, networkOf } from './networks.ts';

/** The network with its endpoints, its services and the inspection CAs that are neither retired nor revoked. @throws Refusal `not-found` */
export async function showNetwork({ store: { tables }, now }: Management, input: InNetwork): Promise<NetworkDetail> {
  const key = await findNetworkOf(tables, input);
  const stored = await tables.networks.find(key.organization, key.network);
  if (stored === null) throw new Error(`Network ${key.network} was there a moment ago.`);
  const sequences = await tables.profiles.currentSequences(key.organization);
  const sequence = sequences.find(({ network }) => network === key.network)?.sequence ?? 0;
  const cas = (await tables.inspectionCas.of(key)).map((ca) => ({
    fingerprint: ca.fingerprint,
    subject: ca.subject,
    state: stateOf(ca, now()),
    until: formatTime(ca.until),
  }));
  const inspectionCas = cas.filter(({ state }) => state !== 'retired' && state !== 'revoked');
  const endpoints = (await tables.endpoints.of(key)).map(endpointEntry);
  return { ...networkOf(stored, sequence), endpoints, services: servicesEntry(stored.services), inspectionCas };
}

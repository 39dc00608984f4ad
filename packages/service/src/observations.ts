// Observations: what claimed devices were presented and no inspection CA of their owner has signed, then or since. Looking at one is all
// that can be done with it: nothing here makes a CA trusted.
import type { Observation } from '@windlass/management';
import { formatTime } from '@windlass/protocol';
import { isSignedBy } from '@windlass/x509';
import { keyDigestOf, parseDer, pemOf } from './certificates.ts';
import type { Management } from './management.ts';
import { findOrganization } from './organizations.ts';
import { parsePresented } from './presented-chain.ts';
import type { StoredObservation } from './store/ports.ts';

const SERIALS_SHOWN = 10;

/** Of the organization, or of all; grouped by the key that inspects, as far as it was shown; last seen first. @throws Refusal `not-found` */
export async function listObservations(
  management: Management,
  organization: string | null,
): Promise<{ items: Observation[] }> {
  const owner = organization === null ? null : await findOrganization(management.store.tables, organization);
  const filter = owner === null ? {} : { organization: owner.name };
  const groups = new Map<string, StoredObservation[]>();
  for (const observation of await management.devices.observations(filter)) {
    const key = groupOf(observation);
    groups.set(key, [...(groups.get(key) ?? []), observation]);
  }
  const waiting: Observation[] = [];
  for (const group of groups.values()) if (!(await isLetIn(management, group))) waiting.push(...observationOf(group));
  return { items: waiting.sort((a, b) => (a.lastSeen > b.lastSeen ? -1 : 1)) };
}

/** What was observed is, or was signed by, a CA that its organization has published since: nothing is left to decide. */
async function isLetIn({ store }: Management, [observation]: readonly StoredObservation[]): Promise<boolean> {
  const [presented] = observation === undefined ? [] : parsePresented([observation.certificate]);
  if (observation === undefined || !presented) return false;
  const { organization } = observation;
  for (const { name: network } of await store.tables.networks.of(organization)) {
    for (const ca of await store.tables.inspectionCas.of({ organization, network })) {
      if (ca.publishedSequence === null || ca.retired !== null) continue;
      if (ca.keyDigest === keyDigestOf(presented) || isSignedBy(presented, parseDer(ca.certificate).publicKey))
        return true;
    }
  }
  return false;
}

/**
 * A CA that was presented is grouped by its key. Of one that was not, all that is known is what its leaf says of it, which
 * anybody can write: leaves that say the same are shown together, and never with a CA that was presented.
 */
function groupOf({ organization, topIsCa, certificate, issuer, issuerKeyId, fingerprint }: StoredObservation): string {
  if (topIsCa) return JSON.stringify([organization, 'key', keyDigestOf(parseDer(certificate))]);
  return JSON.stringify([organization, 'says', issuerKeyId === null ? fingerprint : issuerKeyId, issuer]);
}

function observationOf(group: readonly StoredObservation[]): Observation[] {
  const [newest] = [...group].sort((a, b) => b.lastSeen - a.lastSeen);
  if (newest === undefined) return [];
  const devices = new Map(group.map(({ manufacturer, serial }) => [`${manufacturer} ${serial}`, serial]));
  const { organization, issuer, fingerprint, issuerKeyId, topIsCa, certificate, lastSeen } = newest;
  return [
    {
      organization,
      issuer,
      fingerprint,
      issuerKeyId,
      topIsCa,
      devices: devices.size,
      serials: [...devices.values()].sort().slice(0, SERIALS_SHOWN),
      firstSeen: formatTime(
        group.reduce((first, other) => (other.firstSeen < first.firstSeen ? other : first), newest).firstSeen,
      ),
      lastSeen: formatTime(lastSeen),
      certificate: pemOf(certificate),
    },
  ];
}

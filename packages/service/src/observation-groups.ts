// What devices were presented, grouped by the key that inspects as far as it was shown. A group has one id, whatever devices and certificates
// come and go.
import { createHash } from 'node:crypto';
import type { DeviceId, Digest, OrganizationId, UnixSeconds } from '@windlass/protocol';
import { keyDigestOf, parseDer } from './certificates.ts';
import { describeTop, type ObservedChain, parsePresented } from './presented-chain.ts';
import type { ObservationMark } from './store/management-ports-observations.ts';
import type { StoredObservation } from './store/ports.ts';

/** What one key inspects, over devices and renewals. */
export interface ObservationGroup {
  readonly id: string;
  readonly organization: OrganizationId;
  /** The newest certificate. */
  readonly shown: ObservedChain;
  /** DER of everything that was presented, each once, newest first. */
  readonly certificates: readonly Uint8Array[];
  readonly devices: readonly DeviceId[];
  readonly firstSeen: UnixSeconds;
  readonly lastSeen: UnixSeconds;
}

/** Of the 64 digits of a SHA-256: enough that nobody makes two groups with one id. */
const ID_CHARACTERS = 32;

/** The groups of all organizations that are in `observations`, last seen first. */
export function groupsOf(observations: readonly StoredObservation[]): readonly ObservationGroup[] {
  const keys = new Map<string, Digest>();
  const groups = new Map<string, StoredObservation[]>();
  for (const observation of observations) {
    const id = idOf(observation, keys);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [observation]);
    else group.push(observation);
  }
  return [...groups].flatMap(([id, group]) => groupOf(id, group)).sort((a, b) => b.lastSeen - a.lastSeen);
}

/** What is remembered of an observation that no device has any more. */
export function rememberedGroup({ organization, observation, ...mark }: ObservationMark): readonly ObservationGroup[] {
  const { certificates, firstSeen, lastSeen } = mark;
  const [newest] = certificates;
  if (newest === undefined) return [];
  const [top = null] = parsePresented([newest]);
  const shown = describeTop(newest, top);
  return [{ id: observation, organization, shown, certificates, devices: [], firstSeen, lastSeen }];
}

/**
 * A CA that was presented is grouped by its key. Of one that was not, all that is known is what its leaf says of it, which
 * anybody can write: leaves that say the same are shown together, and never with a CA that was presented.
 */
function idOf(observation: StoredObservation, keys: Map<string, Digest>): string {
  const { organization, topIsCa, issuer, issuerKeyId, fingerprint } = observation;
  const says = ['says', issuerKeyId === null ? fingerprint : issuerKeyId, issuer];
  const key = topIsCa ? ['key', keyOf(observation, keys)] : says;
  const hash = createHash('sha256').update(JSON.stringify([organization, ...key]));
  return hash.digest('hex').slice(0, ID_CHARACTERS);
}

/** Many devices met the same certificate: it is read once. */
function keyOf({ fingerprint, certificate }: StoredObservation, keys: Map<string, Digest>): Digest {
  const known = keys.get(fingerprint) ?? keyDigestOf(parseDer(certificate));
  keys.set(fingerprint, known);
  return known;
}

function groupOf(id: string, group: readonly StoredObservation[]): readonly ObservationGroup[] {
  const sorted = [...group].sort((a, b) => b.lastSeen - a.lastSeen);
  const [newest] = sorted;
  if (newest === undefined) return [];
  const { organization, certificate, fingerprint, topIsCa, issuer, issuerKeyId, lastSeen } = newest;
  const devices = new Map(
    sorted.map(({ manufacturer, serial }) => [`${manufacturer} ${serial}`, { manufacturer, serial }]),
  );
  const certificates = new Map(sorted.map((one) => [one.fingerprint, one.certificate]));
  const firstSeen = sorted.reduce(
    (first, other) => (other.firstSeen < first.firstSeen ? other : first),
    newest,
  ).firstSeen;
  return [
    {
      id,
      organization,
      shown: { certificate, fingerprint, topIsCa, issuer, issuerKeyId },
      certificates: [...certificates.values()],
      devices: [...devices.values()],
      firstSeen,
      lastSeen,
    },
  ];
}

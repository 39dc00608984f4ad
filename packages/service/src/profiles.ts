// Profiles: what devices of a network trust, signed once by the organization's publisher when its approver publishes.
import type { PublishedProfile } from '@windlass/management';
import {
  digestOf,
  encodeEnvelope,
  encodeSecurityProfile,
  formatTime,
  type ServiceName,
  type UnixSeconds,
} from '@windlass/protocol';
import { timeOf } from './certificates.ts';
import { serviceOutOfScope } from './inspection-ca-scope.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf } from './networks.ts';
import { findOrganization } from './organizations.ts';
import { changesBetween, type Draft, draftOf } from './profile-draft.ts';
import { refuseUnless } from './refusal.ts';
import { type Signer, signEnvelope } from './signer/ports.ts';
import type { NetworkKey, ProfileRow } from './store/management-ports.ts';

/** Publications that a list gives. */
const MAX_LISTED = 100;
const DEFAULT_PROFILE_SECONDS = 365 * 86_400;
/** Of the 65 536 bytes of an answer (spec F1), so that decision and claim fit beside it. */
const MAX_PROFILE_ENVELOPE_BYTES = 49_152;

/** Of all networks of an organization together, in characters: the device side looks through them for each request. */
export const MAX_PROFILES_CHARACTERS = 8_388_608;

interface PublishInput {
  readonly organization: string;
  readonly network: string;
  readonly reason?: string;
  readonly force?: boolean;
}

/**
 * Devices of the network are given this profile from their next contact on; it is stored with its audit entry.
 * @throws Refusal `not-found`, `nothing-changed`, `limit-reached`, `certificate-refused`
 * @throws SignerError
 */
export async function publishProfile(
  management: Management,
  actor: Actor,
  input: PublishInput,
): Promise<PublishedProfile> {
  return perform(management, actor, 'profile.publish', async (tables, now) => {
    const key = await findNetworkOf(tables, input);
    const organization = await findOrganization(tables, key.organization);
    const [last = null] = await tables.profiles.of(key, 1);
    const draft = await draftOf(management, tables, key, now);
    const changes = changesBetween(last, draft, now);
    refuseUnless(
      changes.length > 0 || input.force === true,
      'nothing-changed',
      `Nothing changed on network ${key.network} since sequence ${last?.sequence}: nothing was published. Publish with --force to renew its end all the same.`,
    );
    const numbers = { epoch: organization.epoch, sequence: (last?.sequence ?? 0) + 1 };
    const signer = await management.keys.publisher(key.organization, now);
    const signed = await signProfile(management.service, signer, { ...key, ...draft, ...numbers }, now);
    const size = signed.envelope.payload.length + (await tables.profiles.sizeBeside(key));
    refuseUnless(
      size <= MAX_PROFILES_CHARACTERS,
      'limit-reached',
      'The profiles of all networks of this organization are too large together: retire inspection CAs, or give them fewer names.',
    );
    const row: ProfileRow = { ...signed, changes, reason: input.reason ?? null };
    await tables.profiles.add(row);
    await tables.organizations.renewPublisher(key.organization, endOf(signer));
    await tables.inspectionCas.published(numbers.sequence, draft.firstPublished, draft.newlyRetired);
    const { sequence, digest, reason, retired } = row;
    const detail = { sequence, digest, reason, changes, retired, inspectionCas: draft.inspectionCas.map(summary) };
    const warnings = [...serviceOutOfScope(management.service, draft.inspectionCas)];
    return { result: { ...publishedOf(row), warnings }, organization: key.organization, object: objectOf(key), detail };
  });
}

/** The last publications of the network, newest first. @throws Refusal `not-found` */
export async function listProfiles(
  management: Management,
  input: { readonly organization: string; readonly network: string },
): Promise<{ items: PublishedProfile[] }> {
  const { tables } = management.store;
  return { items: (await tables.profiles.of(await findNetworkOf(tables, input), MAX_LISTED)).map(publishedOf) };
}

async function signProfile(
  service: ServiceName,
  signer: Signer,
  content: NetworkKey & Draft & { readonly epoch: number; readonly sequence: number },
  now: UnixSeconds,
) {
  const { organization, network, epoch, sequence, inspectionCas, endpoints, retired } = content;
  const expires = timeOf(Math.min(endOf(signer), now + DEFAULT_PROFILE_SECONDS));
  const payload = encodeSecurityProfile({
    service,
    organization,
    network,
    epoch,
    sequence,
    issued: now,
    expires,
    inspectionCas: inspectionCas.map(({ certificate, permittedNames, excludedNames, from, until }) => ({
      certificate,
      permittedNames,
      excludedNames,
      from,
      until,
    })),
    retire: retired,
    endpoints,
    settings: {},
  });
  const envelope = await signEnvelope(signer, payload);
  refuseUnless(
    Buffer.byteLength(encodeEnvelope(envelope)) <= MAX_PROFILE_ENVELOPE_BYTES,
    'limit-reached',
    'The profile is too large for one answer to a device: retire inspection CAs, or give them fewer names.',
  );
  const numbers = { epoch, sequence, issued: now, expires, digest: digestOf(payload) };
  return { organization, network, ...numbers, envelope, inspectionCas, endpoints, retired };
}

/** When the first of the signer's certificates ends. */
function endOf({ chain }: Signer): UnixSeconds {
  return timeOf(Math.min(...chain.map(({ notAfter }) => notAfter)));
}

function summary({ fingerprint, subject, permittedNames, excludedNames, from, until }: Draft['inspectionCas'][number]) {
  return {
    fingerprint,
    subject,
    permittedNames: [...permittedNames],
    excludedNames: [...excludedNames],
    from: formatTime(from),
    until: formatTime(until),
  };
}

function publishedOf(row: ProfileRow): PublishedProfile {
  const { organization, network, epoch, sequence, digest, reason } = row;
  return {
    organization,
    network,
    epoch,
    sequence,
    digest,
    inspectionCas: row.inspectionCas.map(summary),
    retired: [...row.retired],
    issued: formatTime(row.issued),
    expires: formatTime(row.expires),
    changes: [...row.changes],
    reason,
    warnings: [],
  };
}

function objectOf({ organization, network }: NetworkKey): string {
  return `network ${organization}/${network}`;
}

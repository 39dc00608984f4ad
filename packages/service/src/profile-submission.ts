// A profile that the organization signs itself: the draft says the exact bytes; what comes back signed is checked in submitted-profile.ts,
// and published.
import type { ProfileDraft, PublishedProfile } from '@windlass/management';
import { digestOf, formatTime, type UnixSeconds } from '@windlass/protocol';
import { describe, timeOf } from './certificates.ts';
import { parseDateOrTime } from './date-or-time.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf, type InNetwork } from './networks.ts';
import {
  auditOf,
  changeOf,
  contentDigest,
  DEFAULT_PROFILE_SECONDS,
  networkName,
  payloadOf,
  publishedOf,
  refuseTooLarge,
  rowOf,
  summaryOf,
} from './profile-content.ts';
import { changesBetween, type Draft, draftOf, draftWarnings } from './profile-draft.ts';
import { type Publishing, publishingOf } from './publishing.ts';
import { refuseUnless } from './refusal.ts';
import type { ManagementTables, NetworkKey, ProfileRow } from './store/management-ports.ts';
import {
  LEAST_LIFE_SECONDS,
  profileOf,
  refuseOtherNetwork,
  refuseStale,
  refuseTimes,
  signerOf,
} from './submitted-profile.ts';

/**
 * What would be published for the network now: the exact text, and how it differs from the last publication. Nothing is stored.
 * @throws Refusal `not-found`, `time-refused`, `limit-reached`, `certificate-refused`
 */
export async function draftProfile(
  management: Management,
  input: InNetwork & { readonly until?: string },
): Promise<ProfileDraft> {
  const { tables } = management.store;
  const issued = management.now();
  const key = await findNetworkOf(tables, input);
  const { publishing, draft, last, sequence } = await nextOf(management, tables, key, issued);
  const expires = timeOf(Math.min(issued + DEFAULT_PROFILE_SECONDS, endAsked(input.until, issued)));
  const numbers = { ...key, epoch: publishing.epoch, sequence, issued, expires };
  const payload = payloadOf(management.service, draft, numbers);
  const isHosted = publishing.anchors.some(({ kind }) => kind === 'hosted');
  return {
    ...key,
    epoch: numbers.epoch,
    sequence,
    payload,
    digest: digestOf(payload),
    content: contentDigest(draft),
    inspectionCas: draft.inspectionCas.map(summaryOf),
    retired: [...draft.retired],
    issued: formatTime(issued),
    expires: formatTime(expires),
    changes: changesBetween(last, draft, issued),
    warnings: [...draftWarnings(management, draft)],
    signedBy: isHosted ? 'service' : 'organization',
  };
}

/** The last second of a date is not meant: a certificate that ends on it may end before. @throws Refusal `time-refused` */
function endAsked(text: string | undefined, now: UnixSeconds): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const end = parseDateOrTime(text);
  refuseUnless(
    end >= now + LEAST_LIFE_SECONDS,
    'time-refused',
    `The certificate that would sign ends ${formatTime(end)}, and a profile has to hold for a day at least: renew it first.`,
  );
  return end;
}

/** What is next for the network. */
async function nextOf(management: Management, tables: ManagementTables, key: NetworkKey, now: UnixSeconds) {
  const publishing = await publishingOf(tables, key.organization);
  const [last = null] = await tables.profiles.of(key, 1);
  const draft = await draftOf(management, tables, key, now);
  return { publishing, draft, last, sequence: (last?.sequence ?? 0) + 1 };
}

/**
 * Devices of the network are given this profile from their next contact on, or from the begin of the epoch that it is for; it is stored with
 * its audit entry.
 * @throws Refusal `not-found`, `invalid-request` (not a profile of this network), `stale-draft`, `signature-refused`, `not-yet`,
 * `certificate-refused`, `limit-reached`
 */
export async function submitProfile(
  management: Management,
  actor: Actor,
  input: InNetwork & { readonly payload: string; readonly signature: string; readonly reason?: string },
): Promise<PublishedProfile> {
  const published = await perform(management, actor, 'profile.submit', async (tables, now) => {
    const key = await findNetworkOf(tables, input);
    const { publishing, draft, last, sequence } = await nextOf(management, tables, key, now);
    const profile = profileOf(management.service, input.payload);
    refuseOtherNetwork(profile, key);
    const numbers = { ...key, epoch: publishing.epoch, sequence, issued: profile.issued, expires: profile.expires };
    refuseStale({ service: management.service, profile, payload: input.payload, draft, numbers, now });
    const envelope = { payload: input.payload, signature: input.signature };
    const signer = signerOf(envelope, { service: management.service, publishing, now });
    refuseTimes(numbers, signer, now);
    const changes = changesBetween(last, draft, now);
    const row = rowOf(envelope, draft, numbers, { changes, reason: input.reason ?? null });
    await refuseTooLarge(tables, row);
    await store(tables, publishing, row, draft);
    const { fingerprint: publisher, subject } = describe(signer);
    const detail = { ...auditOf(row), publisher, subject, job: publishing.killSwitch?.id };
    const warnings = [...draftWarnings(management, draft), ...pendingWarning(publishing)];
    return {
      result: { ...publishedOf(row), warnings },
      organization: key.organization,
      object: networkName(key),
      detail,
      change: changeOf(last, row),
    };
  });
  management.jobs.wake();
  return published;
}

async function store(
  tables: ManagementTables,
  { killSwitch }: Publishing,
  row: ProfileRow,
  draft: Draft,
): Promise<void> {
  if (killSwitch !== null) return tables.nextEpoch.putProfile(row);
  await tables.profiles.add(row);
  await tables.inspectionCas.published(row.sequence, draft.firstPublished, draft.newlyRetired);
}

function pendingWarning({ killSwitch, epoch }: Publishing): readonly string[] {
  if (killSwitch === null) return [];
  return [
    `Devices get it when epoch ${epoch} begins, which is when every network is signed for it: see "windlass job show ${killSwitch.id}".`,
  ];
}

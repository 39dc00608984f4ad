// Profiles: what devices of a network trust, signed once by the organization's publisher when its approver publishes.
import type { PageInput, PublishedProfile } from '@windlass/management';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf, type InNetwork } from './networks.ts';
import { pageOf, wantedPage } from './paging.ts';
import {
  auditOf,
  changeOf,
  contentDigest,
  endOf,
  networkName,
  publishedOf,
  refuseTooLarge,
  signProfile,
} from './profile-content.ts';
import { changesBetween, type Draft, draftOf, draftWarnings } from './profile-draft.ts';
import { hostedAnchor, publishingOf, refuseDuringKillSwitch } from './publishing.ts';
import { Refusal, refuseUnless } from './refusal.ts';

interface PublishInput extends InNetwork {
  readonly reason?: string;
  /** `content` of the draft that was looked at. */
  readonly expect?: string;
  readonly force?: boolean;
}

/**
 * Devices of the network are given this profile from their next contact on; it is stored with its audit entry.
 * @throws Refusal `not-found`, `not-yet`, `certificate-refused`, `stale-draft`, `nothing-changed`, `own-publisher`, `limit-reached`
 * @throws SignerError
 */
export async function publishProfile(
  management: Management,
  actor: Actor,
  input: PublishInput,
): Promise<PublishedProfile> {
  return perform(management, actor, 'profile.publish', async (tables, now) => {
    const key = await findNetworkOf(tables, input);
    const publishing = await publishingOf(tables, key.organization);
    refuseDuringKillSwitch(publishing);
    const [last = null] = await tables.profiles.of(key, 1);
    const draft = await draftOf(management, tables, key, now);
    const changes = changesBetween(last, draft, now);
    refuseUnexpected(input, draft, changes);
    refuseUnless(
      changes.length > 0 || input.force === true,
      'nothing-changed',
      `Nothing changed on network ${key.network} since sequence ${last?.sequence}: nothing was published.${waiting(draft)} Publish with --force to renew its end all the same.`,
    );
    const anchor = hostedAnchor(publishing);
    const signer = await management.keys.publisher(anchor, now);
    const numbers = { ...key, epoch: publishing.epoch, sequence: (last?.sequence ?? 0) + 1, issued: now };
    const publication = { changes, reason: input.reason ?? null };
    const row = await signProfile(management.service, signer, draft, numbers, publication);
    await refuseTooLarge(tables, row);
    await tables.profiles.add(row);
    await tables.publishers.renew(anchor, endOf(signer));
    await tables.inspectionCas.published(numbers.sequence, draft.firstPublished, draft.newlyRetired);
    const result = { ...publishedOf(row), warnings: [...draftWarnings(management, draft)] };
    const told = { object: networkName(key), detail: auditOf(row), change: changeOf(last, row) };
    return { result, organization: key.organization, ...told };
  });
}

function waiting({ pending }: Draft): string {
  if (pending.length === 0) return '';
  const fingerprints = pending.map(({ fingerprint }) => fingerprint).join(', ');
  return ` Nobody has approved ${fingerprints}: see "windlass inspection-ca approve".`;
}

/** What was looked at is what is signed. @throws Refusal `stale-draft` */
function refuseUnexpected({ expect }: PublishInput, draft: Draft, changes: readonly string[]): void {
  if (expect === undefined || expect === contentDigest(draft)) return;
  throw new Refusal(
    'stale-draft',
    `Something else would be published than what you looked at; now it is: ${changes.join('; ') || 'no change'}. Look again with "windlass profile diff".`,
  );
}

/** The publications of the network, newest first. @throws Refusal `not-found`, `invalid-request` (the cursor) */
export async function listProfiles(
  management: Management,
  input: PageInput & InNetwork,
): Promise<{ items: PublishedProfile[]; next: string | null }> {
  const { tables } = management.store;
  const key = await findNetworkOf(tables, input);
  const page = wantedPage('profiles', key, { sequence: 'number' }, input);
  const rows = await tables.profiles.of(key, page.limit + 1, page.after?.sequence ?? null);
  return pageOf(page, rows, (row) => row, publishedOf);
}

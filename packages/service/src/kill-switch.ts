// The kill switch: an organization begins a new epoch, whose profiles are without certain inspection CAs, and whose claims name other
// publishers where these were stolen. Asking for it is here; kill-switch-job.ts does it.
import type { Job } from '@windlass/management';
import type { OrganizationId, UnixSeconds } from '@windlass/protocol';
import { normalizeFingerprint } from './certificates.ts';
import { revokeKeys } from './inspection-ca-ending.ts';
import { jobOf } from './jobs.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findOrganization } from './organizations.ts';
import { anchorState, newHostedAnchor, newOwnAnchor, refuseTooManyAnchors } from './publisher-anchor.ts';
import { anchorsAt, openKillSwitch } from './publishing.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables, StoredInspectionCa, StoredOrganization } from './store/management-ports.ts';
import type { PublisherAnchor } from './store/management-ports-publishers.ts';

interface KillSwitchInput {
  readonly organization: string;
  readonly reason: string;
  readonly without?: readonly string[];
  readonly all?: boolean;
  readonly newPublisher?: boolean;
  /** PEM of a CA of the organization that replaces its own anchors. */
  readonly certificate?: string;
}

/**
 * The inspection CAs are off every network: those that are named are revoked, with whatever else has their keys; the others retired. A job
 * begins the organization's next epoch; until all of it is signed, devices get what they got before.
 * @throws Refusal `not-found`, `not-yet` (one is under way), `invalid-request` (nothing to do), `certificate-refused`, `limit-reached`
 */
export async function askKillSwitch(management: Management, actor: Actor, input: KillSwitchInput): Promise<Job> {
  const job = await perform(management, actor, 'organization.kill-switch', async (tables, now) => {
    const organization = await findOrganization(tables, input.organization);
    await refuseAnother(tables, organization.name);
    const epoch = organization.epoch + 1;
    const { named, others } = await namedCas(tables, organization.name, input);
    const revoked = await revokeKeys(tables, named, now);
    for (const { id } of others) await tables.inspectionCas.retire(id, now);
    const retired = [...revoked, ...others];
    const publishers = await replacePublishers(management, tables, { organization, epoch, now, input });
    refuseUnless(
      retired.length > 0 || publishers !== null || input.all === true,
      'invalid-request',
      'Say what to take out: inspection CAs by their fingerprints, all of them, or the publishers.',
    );
    const { name } = organization;
    const asked = { organization: name, kind: 'kill-switch', epoch, reason: input.reason, actor: actor.name } as const;
    const added = await tables.jobs.add({ ...asked, created: now });
    const fingerprints = retired.map(({ fingerprint }) => fingerprint);
    const detail = {
      job: added.id,
      epoch,
      without: fingerprints,
      revoked: revoked.map(({ fingerprint }) => fingerprint),
      all: input.all === true,
    };
    const change = {
      before: { killSwitch: null, inspectionCas: fingerprints, publishers: publishers?.ended ?? [] },
      after: { killSwitch: added.id, inspectionCas: [], publishers: publishers?.begun ?? [] },
    };
    const object = `organization ${name}`;
    return { result: added, organization: name, object, detail, change, reason: input.reason };
  });
  management.jobs.wake();
  return jobOf(job);
}

async function refuseAnother(tables: ManagementTables, organization: OrganizationId): Promise<void> {
  const open = await openKillSwitch(tables, organization);
  refuseUnless(
    open === null,
    'not-yet',
    `A kill switch of ${organization} is under way: see "windlass job show ${open?.id}", and ask again when it is done.`,
  );
}

/** Of every network: those named; and where all are meant, the others that have not ended. @throws Refusal `not-found` */
async function namedCas(
  tables: ManagementTables,
  organization: OrganizationId,
  { without = [], all = false }: KillSwitchInput,
): Promise<{ readonly named: readonly StoredInspectionCa[]; readonly others: readonly StoredInspectionCa[] }> {
  const cas = await tables.inspectionCas.ofOrganization(organization);
  const wanted = new Set(without.map((text) => normalizeFingerprint(text) ?? text));
  for (const fingerprint of wanted) {
    if (cas.some((ca) => ca.fingerprint === fingerprint)) continue;
    throw new Refusal(
      'not-found',
      `${organization} has no inspection CA ${fingerprint} on any network: list them, and check it.`,
    );
  }
  const named = cas.filter(({ fingerprint }) => wanted.has(fingerprint));
  const keys = new Set(named.map(({ keyDigest }) => keyDigest));
  const others = all ? cas.filter(({ retired, keyDigest }) => retired === null && !keys.has(keyDigest)) : [];
  return { named, others };
}

interface Replacement {
  readonly organization: StoredOrganization;
  readonly epoch: number;
  readonly now: UnixSeconds;
  readonly input: KillSwitchInput;
}

/** Claims of the epoch name the new ones instead; null: nothing was asked. @throws Refusal `certificate-refused`, `limit-reached` */
async function replacePublishers(
  management: Management,
  tables: ManagementTables,
  { organization, epoch, now, input }: Replacement,
): Promise<{ readonly ended: readonly object[]; readonly begun: readonly object[] } | null> {
  const { name } = organization;
  const added: PublisherAnchor[] = [];
  const begun = { organization: name, created: now, fromEpoch: epoch, untilEpoch: null, named: null } as const;
  if (input.newPublisher === true) {
    added.push({ ...begun, kind: 'hosted', ...(await newHostedAnchor(management, name, now)) });
  }
  if (input.certificate !== undefined) {
    const own = await newOwnAnchor(management, tables, name, input.certificate);
    added.push({ ...begun, kind: 'own', ...own.anchor });
  }
  if (added.length === 0) return null;
  const before = await tables.publishers.of(name);
  const ended = anchorsAt(epoch, before).filter(({ kind }) => added.some((anchor) => anchor.kind === kind));
  for (const anchor of ended) await tables.publishers.endAt(anchor, epoch);
  for (const anchor of added) await tables.publishers.add(anchor);
  refuseTooManyAnchors(anchorsAt(epoch, await tables.publishers.of(name)));
  return { ended: ended.map(anchorState), begun: added.map(anchorState) };
}

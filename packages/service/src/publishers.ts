// Publishers: under whose CAs an organization's profiles are signed. Claims name them, so each change of them is a new generation of every
// claim of the organization.
import type { PublisherEntry } from '@windlass/management';
import { formatTime, type OrganizationId } from '@windlass/protocol';
import { formatName, isSignedBy } from '@windlass/x509';
import { fingerprintOf, normalizeFingerprint, parseDer, pemOf } from './certificates.ts';
import { type Actor, type Management, perform } from './management.ts';
import {
  anchorState,
  type NewAnchor,
  newHostedAnchor,
  newOwnAnchor,
  refuseTooManyAnchors,
} from './publisher-anchor.ts';
import { anchorsAt, type Publishing, publishingOf } from './publishing.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { signersOf } from './signer/revocations.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { PublisherAnchor } from './store/management-ports-publishers.ts';

interface AddInput {
  readonly organization: string;
  /** PEM of a CA of the organization; without it the service makes an anchor with new keys. */
  readonly certificate?: string;
  readonly reason?: string;
}

/**
 * The organization has one more publisher anchor. A job has all its claims name it; profiles may be signed under it when that is done.
 * @throws Refusal `not-found`, `not-yet`, `private-key-in-upload`, `certificate-refused`, `exists`, `limit-reached`
 */
export async function addPublisher(management: Management, actor: Actor, input: AddInput): Promise<PublisherEntry> {
  const entry = await perform(management, actor, 'publisher.add', async (tables, now) => {
    const { organization, epoch, anchors } = await publishingNow(tables, input.organization);
    const { name } = organization;
    const { anchor, warnings } = await newAnchor(management, tables, name, input.certificate);
    const kind = input.certificate === undefined ? 'hosted' : 'own';
    const begun = { organization: name, kind, created: now, fromEpoch: epoch, untilEpoch: null, named: null } as const;
    const added: PublisherAnchor = { ...begun, ...anchor };
    refuseTooManyAnchors([...anchors, added]);
    await tables.publishers.add(added);
    const job = await tables.jobs.add({
      organization: name,
      kind: 'publishers',
      epoch,
      reason: input.reason ?? null,
      actor: actor.name,
      created: now,
    });
    const result = { ...entryOf(added, epoch), warnings: [...warnings] };
    const change = { before: null, after: anchorState(added) };
    const told = { object: objectOf(added), detail: { job: job.id }, change, reason: input.reason };
    return { result, organization: name, ...told };
  });
  management.jobs.wake();
  return entry;
}

/** The organization's publisher anchors, those of the next epoch too, the oldest first. @throws Refusal `not-found` */
export async function listPublishers(
  { store: { tables } }: Management,
  input: { readonly organization: string },
): Promise<{ items: PublisherEntry[] }> {
  const { organization } = await publishingOf(tables, input.organization);
  const anchors = await tables.publishers.of(organization.name);
  return { items: anchors.map((anchor) => entryOf(anchor, organization.epoch)) };
}

/** One of the organization's publisher anchors, of the next epoch too. @throws Refusal `not-found` */
export async function showPublisher(
  { store: { tables } }: Management,
  input: { readonly organization: string; readonly fingerprint: string },
): Promise<PublisherEntry> {
  const { organization } = await publishingOf(tables, input.organization);
  const anchors = await tables.publishers.of(organization.name);
  return entryOf(findAnchor({ anchors, organization }, input.fingerprint), organization.epoch);
}

/**
 * The organization has one publisher anchor less; a job has all its claims no longer name it.
 * @throws Refusal `not-found`, `not-yet`, `in-use`: it is the last, or a profile that devices get is signed under it
 */
export async function removePublisher(
  management: Management,
  actor: Actor,
  input: { readonly organization: string; readonly fingerprint: string; readonly reason?: string },
): Promise<PublisherEntry> {
  const entry = await perform(management, actor, 'publisher.remove', async (tables, now) => {
    const publishing = await publishingNow(tables, input.organization);
    const { epoch, organization } = publishing;
    const removed = findAnchor(publishing, input.fingerprint);
    refuseUnless(
      publishing.anchors.some(({ named, keyDigest }) => named !== null && keyDigest !== removed.keyDigest),
      'in-use',
      `It is the last publisher anchor of ${organization.name} that its claims name: add another first, and wait until its job is done.`,
    );
    await refuseInUse(tables, removed);
    await tables.publishers.remove(removed);
    const { name } = organization;
    const asked = { organization: name, kind: 'publishers', epoch, actor: actor.name, created: now } as const;
    const job = await tables.jobs.add({ ...asked, reason: input.reason ?? null });
    const change = { before: anchorState(removed), after: null };
    const told = { object: objectOf(removed), detail: { job: job.id }, change, reason: input.reason };
    return { result: entryOf(removed, epoch), organization: name, ...told };
  });
  management.jobs.wake();
  return entry;
}

/** Publishers change in one way at a time. @throws Refusal `not-found`, `not-yet` */
async function publishingNow(tables: ManagementTables, name: string): Promise<Publishing> {
  const publishing = await publishingOf(tables, name);
  const { killSwitch, organization } = publishing;
  refuseUnless(
    killSwitch === null,
    'not-yet',
    `A kill switch of ${organization.name} is under way: see "windlass job show ${killSwitch?.id}", and change publishers when it is done.`,
  );
  return publishing;
}

async function newAnchor(
  management: Management,
  tables: ManagementTables,
  organization: OrganizationId,
  certificate: string | undefined,
): Promise<NewAnchor> {
  if (certificate !== undefined) return newOwnAnchor(management, tables, organization, certificate);
  return { anchor: await newHostedAnchor(management, organization, management.now()), warnings: [] };
}

function findAnchor(
  { anchors, organization }: Pick<Publishing, 'anchors' | 'organization'>,
  text: string,
): PublisherAnchor {
  const fingerprint = normalizeFingerprint(text);
  const found = anchors.find(({ anchor }) => fingerprintOf(anchor) === fingerprint);
  if (found !== undefined) return found;
  throw new Refusal(
    'not-found',
    `${organization.name} has no publisher anchor with this fingerprint: list them, and check it.`,
  );
}

/** @throws Refusal `in-use` */
async function refuseInUse(tables: ManagementTables, { organization, anchor }: PublisherAnchor): Promise<void> {
  const issuer = parseDer(anchor);
  const current = await tables.profiles.currentOf(organization);
  const signed = current.filter(({ envelope }) => {
    const [leaf] = signersOf(envelope, 'publisher');
    return leaf !== undefined && isSignedBy(leaf, issuer.publicKey);
  });
  const names = signed.map(({ network }) => network).join(', ');
  refuseUnless(
    signed.length === 0,
    'in-use',
    `The profile of ${names} is signed under it, and devices would refuse it: publish with another publisher first.`,
  );
}

function objectOf({ organization, anchor }: PublisherAnchor): string {
  return `publisher ${organization}/${fingerprintOf(anchor)}`;
}

function entryOf(stored: PublisherAnchor, epoch: number): PublisherEntry {
  const certificate = parseDer(stored.anchor);
  return {
    organization: stored.organization,
    fingerprint: fingerprintOf(stored.anchor),
    keyDigest: stored.keyDigest,
    subject: formatName(certificate.subject),
    kind: stored.kind,
    state: stateOf(stored, epoch),
    expires: formatTime(stored.expires),
    added: formatTime(stored.created),
    warnings: [],
    certificate: pemOf(stored.anchor),
  };
}

function stateOf(stored: PublisherAnchor, epoch: number): PublisherEntry['state'] {
  if (anchorsAt(epoch, [stored]).length === 0 || stored.named === null) return 'coming';
  return stored.untilEpoch === null ? 'active' : 'ending';
}

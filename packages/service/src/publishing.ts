// For which epoch an organization's profiles are signed now, and under which of its publisher anchors.
import type { OrganizationId } from '@windlass/protocol';
import { findOrganization } from './organizations.ts';
import { Refusal } from './refusal.ts';
import type { ManagementTables, StoredOrganization } from './store/management-ports.ts';
import type { PublisherAnchor, StoredJob } from './store/management-ports-publishers.ts';

/** How an organization publishes now. */
export interface Publishing {
  readonly organization: StoredOrganization;
  /** Of what is signed now: the next one while a kill switch is under way. */
  readonly epoch: number;
  /** That begins the epoch; null: it has begun. */
  readonly killSwitch: StoredJob | null;
  /** The anchors that claims of the epoch name, the oldest first. */
  readonly anchors: readonly PublisherAnchor[];
}

/** How the organization of that name publishes. @throws Refusal `not-found` */
export async function publishingOf(tables: ManagementTables, name: string): Promise<Publishing> {
  const organization = await findOrganization(tables, name);
  const killSwitch = await openKillSwitch(tables, organization.name);
  const epoch = killSwitch?.epoch ?? organization.epoch;
  const anchors = anchorsAt(epoch, await tables.publishers.of(organization.name));
  return { organization, epoch, killSwitch, anchors };
}

/** The one that is under way. */
export async function openKillSwitch(
  tables: ManagementTables,
  organization: OrganizationId,
): Promise<StoredJob | null> {
  return (await tables.jobs.open(organization)).find(({ kind }) => kind === 'kill-switch') ?? null;
}

/** Those that claims of the epoch name. */
export function anchorsAt(epoch: number, anchors: readonly PublisherAnchor[]): readonly PublisherAnchor[] {
  return anchors.filter(
    ({ fromEpoch, untilEpoch }) => fromEpoch <= epoch && epoch < (untilEpoch ?? Number.POSITIVE_INFINITY),
  );
}

/** Those under which may be signed now: every claim of the epoch names them, or will before it begins. */
export function usableAnchors({ anchors, killSwitch }: Publishing): readonly PublisherAnchor[] {
  return killSwitch === null ? anchors.filter(({ named }) => named !== null) : anchors;
}

/** The newest of them whose keys the service keeps. */
export function usableHosted(publishing: Publishing): PublisherAnchor | undefined {
  return usableAnchors(publishing).findLast(({ kind }) => kind === 'hosted');
}

/** The hosted anchor under which the service signs: the newest. @throws Refusal `own-publisher`, `not-yet` */
export function hostedAnchor(publishing: Publishing): PublisherAnchor {
  const { name } = publishing.organization;
  const found = usableHosted(publishing);
  if (found !== undefined) return found;
  if (publishing.anchors.some(({ kind }) => kind === 'hosted')) throw claimsPending(name);
  throw new Refusal(
    'own-publisher',
    `${name} signs its profiles itself: write the draft with "windlass profile draft", sign it, and send it with "windlass profile submit".`,
  );
}

/** Nothing can be signed under an anchor that some claims do not name yet. */
export function claimsPending(organization: OrganizationId): Refusal {
  return new Refusal(
    'not-yet',
    `The claims of ${organization} are being signed anew so that they name this publisher: try again when "windlass job list" says that it is done.`,
  );
}

/** While a kill switch is under way, nothing is published at the epoch that it ends. @throws Refusal `not-yet` */
export function refuseDuringKillSwitch({ killSwitch, organization }: Publishing): void {
  if (killSwitch === null) return;
  throw new Refusal(
    'not-yet',
    `The kill switch of ${organization.name} is under way and publishes every network itself: see "windlass job show ${killSwitch.id}", and publish when it is done.`,
  );
}

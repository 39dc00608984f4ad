// What a device accepted before and never goes below: kept for ever, through a factory reset too. @see spec C3, T6
import type { Claim } from './claim.ts';
import type { Digest, OrganizationId, UnixSeconds } from './forms.ts';
import type { RevocationLists } from './revocations.ts';
import type { SecurityProfile } from './security-profile.ts';

/** The highest of everything that a device ever accepted. */
export interface Floors {
  /** The last accepted signed time, or the firmware's build, whichever is later. */
  readonly time: UnixSeconds;
  readonly ownership: number;
  readonly generation: number;
  /** The claim of that generation; null where no claim was ever accepted. */
  readonly claimDigest: Digest | null;
  /** Who owned the device at that ownership; null: nobody. */
  readonly organization: OrganizationId | null;
  /** The highest epoch by organization. */
  readonly epochs: Readonly<Record<string, number>>;
  /** The last accepted profile by `organization/network`. */
  readonly networks: Readonly<Record<string, NetworkFloor>>;
  readonly revocations: RevocationLists;
}

/** The last accepted profile of one network. */
export interface NetworkFloor {
  readonly epoch: number;
  readonly sequence: number;
  readonly digest: Digest;
}

/** The floors of a device that never accepted anything; `time` is its firmware's build. */
export function NO_FLOORS(time: UnixSeconds): Floors {
  const nothing = { claimDigest: null, organization: null, epochs: {}, networks: {}, revocations: [] };
  return { time, ownership: 0, generation: 0, ...nothing };
}

/** The highest epoch accepted of an organization, 0 where there is none. */
export function epochFloor({ epochs }: Floors, organization: OrganizationId): number {
  return Object.hasOwn(epochs, organization) ? (epochs[organization] ?? 0) : 0;
}

/** The last accepted profile of a network, if there is one. */
export function networkFloor({ networks }: Floors, profile: SecurityProfile): NetworkFloor | undefined {
  return networks[networkKey(profile)];
}

/** What is being accepted: the signed time, and claim and profile as far as they are named. */
export interface Accepted {
  readonly time: UnixSeconds;
  readonly claim?: { readonly claim: Claim; readonly digest: Digest } | undefined;
  readonly profile?: { readonly profile: SecurityProfile; readonly digest: Digest } | undefined;
}

/** The floors after an answer, whose checks found nothing below them. */
export function raiseFloors(floors: Floors, { time, claim, profile }: Accepted): Floors {
  return { ...floors, time, ...(claim && claimFloors(floors, claim)), ...(profile && profileFloors(floors, profile)) };
}

function claimFloors({ epochs }: Floors, { claim, digest }: NonNullable<Accepted['claim']>): Partial<Floors> {
  const { ownership, generation, organization, epoch } = claim;
  const raised = organization !== null && { [organization]: epoch };
  return { ownership, generation, organization, claimDigest: digest, epochs: { ...epochs, ...raised } };
}

function profileFloors({ networks }: Floors, { profile, digest }: NonNullable<Accepted['profile']>): Partial<Floors> {
  const { epoch, sequence } = profile;
  return { networks: { ...networks, [networkKey(profile)]: { epoch, sequence, digest } } };
}

/** With a slash, which no name has that every object has. */
function networkKey({ organization, network }: SecurityProfile): string {
  return `${organization}/${network}`;
}

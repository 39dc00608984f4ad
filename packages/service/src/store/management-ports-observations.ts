// What people said of observations, which are on the device side. SQL is behind it; its rows are in observation-schema.ts.
import type { NetworkId, OrganizationId, UnixSeconds } from '@windlass/protocol';

/** What was said of one observation of an organization, and enough of it to know it again when no device has it any more. */
export interface ObservationMark {
  readonly organization: OrganizationId;
  /** The id of the observation. */
  readonly observation: string;
  /** DER of what was presented, newest first; at least one. */
  readonly certificates: readonly Uint8Array[];
  readonly firstSeen: UnixSeconds;
  readonly lastSeen: UnixSeconds;
  /** The inspection CA that somebody found behind it. */
  readonly link: { readonly network: NetworkId; readonly fingerprint: string } | null;
  /** What the approvers are asked, and since when. */
  readonly asked: UnixSeconds | null;
  readonly note: string | null;
  readonly ignoredUntil: UnixSeconds | null;
  /** Since when no CA with its key is taken. */
  readonly hostile: UnixSeconds | null;
}

/** At most one mark per observation. */
export interface ObservationMarkTable {
  /** Of the organization, or of all. */
  of(organization: OrganizationId | null): Promise<readonly ObservationMark[]>;
  hostile(organization: OrganizationId): Promise<readonly ObservationMark[]>;
  find(organization: OrganizationId, observation: string): Promise<ObservationMark | null>;
  /** In the place of the one that there was. */
  put(mark: ObservationMark): Promise<void>;
  remove(organization: OrganizationId, observation: string): Promise<void>;
}

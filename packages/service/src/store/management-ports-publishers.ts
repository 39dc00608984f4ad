// What the management side keeps of publisher anchors, of jobs that take a while, and of an epoch that has not begun.
import type { Digest, Envelope, OrganizationId, UnixSeconds } from '@windlass/protocol';
import type { ClaimRow, NetworkKey, ProfileRow } from './management-ports.ts';

/** A publisher anchor of an organization, and in which epochs its claims name it. */
export interface PublisherAnchor {
  readonly organization: OrganizationId;
  /** SHA-256 of the anchor's SubjectPublicKeyInfo. */
  readonly keyDigest: Digest;
  /** `hosted`: the service has its key; `own`: a CA of the organization, whose key the service never sees. */
  readonly kind: 'hosted' | 'own';
  /** DER. */
  readonly anchor: Uint8Array;
  /** The end of the publisher's own certificate, or of the anchor where the publisher is the organization's own. */
  readonly expires: UnixSeconds;
  readonly created: UnixSeconds;
  readonly fromEpoch: number;
  /** The first epoch whose claims no longer name it; null: none. */
  readonly untilEpoch: number | null;
  /** Since when every claim names it; null: not yet, so nothing may be signed under it. */
  readonly named: UnixSeconds | null;
}

/** Publisher anchors, the oldest first. */
export interface PublisherTable {
  /** Of all organizations, those of past and coming epochs too. */
  all(): Promise<readonly PublisherAnchor[]>;
  of(organization: OrganizationId): Promise<readonly PublisherAnchor[]>;
  add(row: PublisherAnchor): Promise<void>;
  /** The publisher has a certificate that ends then. */
  renew(key: PublisherKey, expires: UnixSeconds): Promise<void>;
  /** Every claim of the organization names the anchors that its claims of `epoch` name. */
  named(organization: OrganizationId, epoch: number, at: UnixSeconds): Promise<void>;
  /** Claims of `epoch` and later do not name it. */
  endAt(key: PublisherKey, epoch: number): Promise<void>;
  remove(key: PublisherKey): Promise<void>;
}

/** Which anchor. */
export type PublisherKey = Pick<PublisherAnchor, 'organization' | 'keyDigest'>;

/** What a job does: `publishers`: claims name the publishers of now; `kill-switch`: a new epoch begins. */
export type JobKind = 'publishers' | 'kill-switch';

/** `waiting`: for people; `note` says for what. */
export type JobState = 'running' | 'waiting' | 'done';

/** A job before it has an id. */
export interface NewJob {
  readonly organization: OrganizationId;
  readonly kind: JobKind;
  /** That begins with it, or whose claims it signs anew. */
  readonly epoch: number;
  readonly reason: string | null;
  /** Who asked for it. */
  readonly actor: string;
  readonly created: UnixSeconds;
}

/** How far a job is. */
export interface JobProgress {
  readonly state: JobState;
  /** Claims and profiles that are signed, of `total`. */
  readonly done: number;
  readonly total: number;
  readonly note: string | null;
  readonly changed: UnixSeconds;
}

/** A job that was asked for, done or not. */
export interface StoredJob extends NewJob, JobProgress {
  readonly id: number;
}

/** Jobs. */
export interface JobTable {
  add(job: NewJob): Promise<StoredJob>;
  find(id: number): Promise<StoredJob | null>;
  /** Newest first, of one organization or of all. */
  page(which: {
    readonly organization: OrganizationId | null;
    readonly state?: JobState | undefined;
    /** Only those with a smaller id. */
    readonly before: number | null;
    readonly limit: number;
  }): Promise<readonly StoredJob[]>;
  /** Those that are not done, oldest first; of one organization or of all. */
  open(organization: OrganizationId | null): Promise<readonly StoredJob[]>;
  progress(id: number, progress: JobProgress): Promise<void>;
}

/** What is signed for an epoch that has not begun: devices get none of it before `begin`. */
export interface NextEpochTable {
  /** In place of one that was staged for the device before; false: that is of the same generation and epoch, and stays. */
  putClaim(row: ClaimRow & { readonly organization: OrganizationId }): Promise<boolean>;
  /** In place of one that was staged for the network before. */
  putProfile(row: ProfileRow): Promise<void>;
  /** Nothing is staged for the network. */
  dropProfile(key: NetworkKey): Promise<void>;
  profilesOf(organization: OrganizationId): Promise<readonly ProfileRow[]>;
  /** What is staged to follow this claim; null: nothing is. */
  claimAfter(row: ClaimRow): Promise<Envelope | null>;
  /** Claims that are staged. */
  claimCount(organization: OrganizationId): Promise<number>;
  /** Current claims of the organization that hold at `now` and have no staged successor, after `after`, by manufacturer and serial. */
  unstaged(asked: {
    readonly organization: OrganizationId;
    readonly now: UnixSeconds;
    readonly after: Pick<ClaimRow, 'manufacturer' | 'serial'> | null;
    readonly limit: number;
  }): Promise<readonly ClaimRow[]>;
  /** The staged claims and profiles are the current ones, and the organization has the epoch. A staged claim that was overtaken is dropped. */
  begin(organization: OrganizationId, epoch: number): Promise<void>;
}

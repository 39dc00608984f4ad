// What the device side keeps: keys seen first, decisions, observations, reports. SQL is behind it.
import type {
  DeviceId,
  Digest,
  Envelope,
  NetworkId,
  Nonce,
  OrganizationId,
  Outcome,
  Refusal,
  Report,
  UnixSeconds,
} from '@windlass/protocol';
import type { StoredObservation } from './ports.ts';

/** A decision as it was, or will be, answered. */
export interface DecisionRecord {
  readonly device: DeviceId;
  readonly nonce: Nonce;
  /** Digest of the request's payload. */
  readonly request: Digest;
  /** SHA-256 of the SPKI that signed the request. */
  readonly key: Digest;
  readonly time: UnixSeconds;
  readonly outcome: Outcome;
  /** With `refused`, and only then. */
  readonly code: Refusal | null;
  /** The owner when it was decided, also where the decision does not say so. */
  readonly organization: OrganizationId | null;
  readonly network: NetworkId | null;
  /** Digest of the claim that the decision names. */
  readonly claim: Digest | null;
  /** Digest of the profile that the decision names. */
  readonly profile: Digest | null;
  readonly envelope: Envelope;
}

/** An observation before it is stored; first and last seen are the decision's time. */
export type NewObservation = Omit<StoredObservation, 'firstSeen' | 'lastSeen'>;

/** Why a device had no valid answer, as it says. @see spec M7 */
export type NewTrouble = NonNullable<Report['trouble']>;

/** A report with the acknowledgement that answers it. */
export interface ReportRecord {
  readonly device: DeviceId;
  readonly nonce: Nonce;
  readonly counter: number;
  /** Digest of the report's payload. */
  readonly digest: Digest;
  /** When it was received. */
  readonly time: UnixSeconds;
  readonly report: Envelope;
  readonly acknowledgement: Envelope;
}

/** The device side's own database. What a method promises is on the disk when it returns. */
export interface DeviceStore {
  /** The device has a pinned key: `key` when none was before. Returns the pinned one. @see spec S4 */
  pinKey(device: DeviceId, key: Digest, now: UnixSeconds): Promise<Digest>;
  /** The answer that was given to this nonce, and the refusal that was given to this request with it; oldest first. */
  decisionsFor(device: DeviceId, nonce: Nonce, request: Digest): Promise<readonly DecisionRecord[]>;
  /** The decision and the observation are stored: true. Or nothing is, because this nonce has an answer already: false. */
  appendDecision(decision: DecisionRecord, observation: NewObservation | null): Promise<boolean>;
  /** The report with this counter. */
  reportOf(device: DeviceId, counter: number): Promise<ReportRecord | null>;
  /** Report and trouble are stored: true. Or nothing is, because the counter is not above every one stored before: false. */
  appendReport(report: ReportRecord, trouble: NewTrouble | null): Promise<boolean>;
  /** The database answers. @throws StoreError */
  ping(): Promise<void>;
  close(): Promise<void>;
}

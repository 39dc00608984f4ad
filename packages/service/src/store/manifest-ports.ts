// What the management side keeps of devices beside their claims: manifests, wrong claim codes, transfers, names. SQL is behind it.
import type { DeviceId, Digest, OrganizationId, Serial, UnixSeconds } from '@windlass/protocol';
import type { AuditRow } from './management-ports.ts';

/** What a manufacturer says of a device. */
export interface ManifestDevice {
  /** SHA-256 of the manufacturer anchor's SubjectPublicKeyInfo. */
  readonly manufacturer: Digest;
  readonly serial: Serial;
  /** SHA-256 of the device's SubjectPublicKeyInfo. @see spec S4 */
  readonly key: Digest;
  readonly model: string | null;
  /** SHA-256 of the claim token that the label's code gives; null: there is no code. */
  readonly codeHash: Digest | null;
  /** When the device was claimed for the first time since the code came: the code is dead. */
  readonly codeUsed: UnixSeconds | null;
  readonly labelProof: boolean;
  /** Whom it was sold to; nobody else claims it with its code. */
  readonly organization: OrganizationId | null;
  readonly orderNumber: string | null;
  /** The import that brought it. */
  readonly importId: string;
  readonly imported: UnixSeconds;
}

/** What a current claim says, as far as a manifest can contradict it. */
export interface ClaimedDevice extends DeviceId {
  /** null: released. */
  readonly organization: OrganizationId | null;
  readonly key: Digest | null;
}

/** Devices of manifests: a device once, a key once. */
export interface ManifestTable {
  find(device: DeviceId): Promise<ManifestDevice | null>;
  withSerial(serial: Serial): Promise<readonly ManifestDevice[]>;
  /** Those that have one of these serials or one of these keys. */
  among(serials: readonly Serial[], keys: readonly Digest[]): Promise<readonly ManifestDevice[]>;
  /** The current claims of all devices with one of these serials. */
  claimsOf(serials: readonly Serial[]): Promise<readonly ClaimedDevice[]>;
  /** By serial and manufacturer, after that one; of an order where one is given. */
  page(filter: {
    readonly order: string | null;
    /** Those that somebody owns, or nobody. */
    readonly claimed?: boolean | undefined;
    readonly after: { readonly serial: string; readonly manufacturer: string } | null;
    readonly limit: number;
  }): Promise<readonly ManifestDevice[]>;
  /** Of an order, those that nobody owns and that need no label proof, by serial; at most `limit`. */
  unclaimedOf(order: string, limit: number): Promise<readonly ManifestDevice[]>;
  /** Of an order, how many nobody owns that need one. */
  unprovedOf(order: string): Promise<number>;
  add(rows: readonly ManifestDevice[]): Promise<void>;
  /** The device has another code, which was not used. */
  replaceCode(device: DeviceId, codeHash: Digest, importId: string): Promise<void>;
  /** The device's code, if it has one that is not dead, is dead. */
  burnCode(device: DeviceId, at: UnixSeconds): Promise<void>;
}

/** One claim code that was tried, and not found right so far. */
export interface ClaimAttempt {
  readonly id: string;
  readonly time: UnixSeconds;
  readonly serial: Serial;
  /** Whose token or session. */
  readonly actor: string;
  readonly organization: OrganizationId;
}

/** Claim codes that were tried, in the database so that all instances count together. */
export interface ClaimAttemptTable {
  /** After this time, of this device or this organization. */
  since(
    time: UnixSeconds,
    of: { readonly serial: Serial; readonly organization: OrganizationId },
  ): Promise<readonly ClaimAttempt[]>;
  add(attempt: ClaimAttempt): Promise<void>;
  remove(id: string): Promise<void>;
  /** Those at this time and before are forgotten. */
  forget(time: UnixSeconds): Promise<void>;
}

/** A device that its owner offers to another organization. */
export interface Transfer extends DeviceId {
  readonly id: string;
  /** The owner's; a later one makes the offer void. */
  readonly ownership: number;
  readonly from: OrganizationId;
  /** As it was written: nobody looked whether it exists. */
  readonly to: string;
  readonly offered: UnixSeconds;
  readonly offeredBy: string;
  /** The last second in which it can be accepted. */
  readonly expires: UnixSeconds;
  readonly ended: UnixSeconds | null;
  readonly outcome: 'accepted' | 'revoked' | null;
}

/** Offers, newest first in lists. */
export interface TransferTable {
  find(id: string): Promise<Transfer | null>;
  /** From or to the organization, or all; those that can be accepted at that time, or cannot. */
  page(which: {
    readonly organization: OrganizationId | null;
    readonly open?: { readonly is: boolean; readonly at: UnixSeconds } | undefined;
    readonly after: { readonly offered: number; readonly id: string } | null;
    readonly limit: number;
  }): Promise<readonly Transfer[]>;
  /** Those of a device that nobody accepted or revoked. */
  openOf(device: DeviceId): Promise<readonly Transfer[]>;
  add(transfer: Transfer): Promise<void>;
  end(id: string, outcome: 'accepted' | 'revoked', at: UnixSeconds): Promise<void>;
}

/** What people call a device. */
export interface DeviceName extends DeviceId {
  /** It is the name of this ownership and no other. */
  readonly ownership: number;
  readonly name: string;
}

/** Names: one per device. */
export interface DeviceNameTable {
  /** Of devices with one of these serials. */
  among(serials: readonly Serial[]): Promise<readonly DeviceName[]>;
  find(device: DeviceId): Promise<DeviceName | null>;
  set(name: DeviceName): Promise<void>;
}

/** An ownership that ended. */
export interface FormerOwnership extends DeviceId {
  readonly organization: OrganizationId;
  readonly ownership: number;
  /** When the claim that ended it was signed. */
  readonly ended: UnixSeconds;
}

/** Alerts: entries of the audit. */
export interface AlertTable {
  /** Newest first; of this organization, or all. */
  page(which: {
    readonly organization: string | null;
    readonly since?: UnixSeconds | undefined;
    /** Only those with a smaller id. */
    readonly before: number | null;
    readonly limit: number;
  }): Promise<readonly AuditRow[]>;
}

/** Ownerships of the past. */
export interface OwnershipTable {
  /** The last ownership that ended, of each device with this serial; of this organization, or of whichever. */
  lastEnded(serial: Serial, organization: OrganizationId | null): Promise<readonly FormerOwnership[]>;
}

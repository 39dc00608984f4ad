// What each side of the service may ask of the other side's database. Reading is all there is: the file is opened read-only.
import type {
  DeviceId,
  Digest,
  EndpointReport,
  Envelope,
  NetworkId,
  Nonce,
  OrganizationId,
  Outcome,
  Phase,
  Serial,
  StoreReceipt,
  Trouble,
  UnixSeconds,
} from '@windlass/protocol';

/** A manufacturer whose anchor device identities are checked against. */
export interface KnownManufacturer {
  readonly name: string;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** The current claim of a device, with the envelope as it was signed. */
export interface StoredClaim {
  /** null: released. */
  readonly organization: OrganizationId | null;
  /** The network the device is assigned to. It is not in the claim: it decides only where no proxy is seen. */
  readonly network: NetworkId | null;
  readonly generation: number;
  readonly ownership: number;
  readonly epoch: number;
  readonly expires: UnixSeconds;
  /** Of the payload. */
  readonly digest: Digest;
  /** SHA-256 of the device key's SPKI, where the claim names it. */
  readonly key: Digest | null;
  readonly envelope: Envelope;
}

/** An inspection CA as it stands in a published profile. */
export interface StoredInspectionCa {
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER of the subject Name. */
  readonly subject: Uint8Array;
  /** SHA-256 of the SPKI. */
  readonly keyDigest: Digest;
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
}

/** The current profile of a network, with the envelope as it was signed. */
export interface StoredProfile {
  readonly organization: OrganizationId;
  readonly network: NetworkId;
  readonly epoch: number;
  readonly sequence: number;
  readonly expires: UnixSeconds;
  /** Of the payload. */
  readonly digest: Digest;
  readonly envelope: Envelope;
  readonly inspectionCas: readonly StoredInspectionCa[];
}

/** What the device side reads of the management side. @see spec S13 */
export interface ManagementReader {
  manufacturers(): Promise<readonly KnownManufacturer[]>;
  /** The serial under which a self-signed device with this key was registered; the key is the SHA-256 of its SPKI. @see spec K7 */
  registeredSerial(key: Digest): Promise<Serial | null>;
  claimOf(device: DeviceId): Promise<StoredClaim | null>;
  /** The SHA-256 of the SPKI that a manifest gives the device; null: no manifest has it. @see spec S4 */
  manifestKeyOf(device: DeviceId): Promise<Digest | null>;
  /** The current profile of each network of the organization. */
  profilesOf(organization: OrganizationId): Promise<readonly StoredProfile[]>;
  close(): Promise<void>;
}

/** A device that asked at least once with a key that a manufacturer or a registration vouches for. */
export interface SeenDevice extends DeviceId {
  /** SHA-256 of the SPKI of the first key that was seen for it. @see spec S4 */
  readonly key: Digest;
  readonly firstSeen: UnixSeconds;
  readonly lastSeen: UnixSeconds;
  /** Of the last decision; null when only reports came. */
  readonly lastOutcome: Outcome | null;
  readonly lastReport: StoredReport | null;
  readonly lastTrouble: StoredTrouble | null;
}

/** Why a device had no valid answer, as it said: since when by its own clock, and when the report that says it came. @see spec M7 */
export interface StoredTrouble {
  readonly code: Trouble;
  readonly since: UnixSeconds;
  readonly until: UnixSeconds;
}

/** What of a report operators look at. Texts of it were chosen by the device. */
export interface StoredReport {
  /** When it was received. */
  readonly time: UnixSeconds;
  readonly nonce: Nonce;
  readonly counter: number;
  readonly phases: readonly Phase[];
  readonly code: string | null;
  /** Digest of the profile's payload. */
  readonly profile: Digest | null;
  readonly stores: readonly StoreReceipt[];
  /** SPKI digests of anchors that were dropped. */
  readonly removed: readonly Digest[];
  readonly endpoints: readonly EndpointReport[];
}

/** A device says that it accepted another owner, or none. */
export interface ReportedPurge {
  /** When the report was received. */
  readonly time: UnixSeconds;
  /** SPKI digests of the anchors that it dropped then. */
  readonly removed: readonly Digest[];
}

/** What one claimed device was presented that no active inspection CA of its owner had signed. @see spec S8 */
export interface StoredObservation {
  readonly organization: OrganizationId;
  readonly manufacturer: Digest;
  readonly serial: Serial;
  /** DER of the topmost presented certificate that the leaf leads to by signatures. */
  readonly certificate: Uint8Array;
  /** SHA-256 of that certificate, upper-case hexadecimal with colons. */
  readonly fingerprint: string;
  /** Whether that certificate is a CA's: then it is what inspects, else it is only what the CA issued. */
  readonly topIsCa: boolean;
  /** Distinguished name of the inspecting CA as far as it is known, for people; a name is no evidence. */
  readonly issuer: string;
  /** Key identifier of the inspecting CA, lower-case hexadecimal, as its certificates say; null where they do not. */
  readonly issuerKeyId: string | null;
  readonly firstSeen: UnixSeconds;
  readonly lastSeen: UnixSeconds;
}

/** One decision, column by column, as it is summed up. */
export interface StoredDecision {
  readonly manufacturer: string;
  readonly serial: string;
  readonly nonce: string;
  readonly reusedBy: string;
  readonly request: string;
  readonly key: string;
  readonly time: UnixSeconds;
  readonly outcome: string;
  readonly code: string | null;
  readonly organization: string | null;
  readonly network: string | null;
  readonly claim: string | null;
  readonly profile: string | null;
  readonly payload: string;
  readonly signature: string;
}

/** A place between two decisions. */
export type DecisionCursor = Pick<StoredDecision, 'time' | 'manufacturer' | 'serial' | 'nonce' | 'reusedBy'>;

/** A page of devices by serial and manufacturer. */
export interface DevicePage {
  readonly after: { readonly serial: string; readonly manufacturer: string } | null;
  readonly limit: number;
  /** How their serials begin. */
  readonly serialPrefix?: string | undefined;
}

/** What the management side reads of the device side. */
export interface DeviceReader {
  /** When the first decision was made; null: none was. */
  firstDecision(): Promise<UnixSeconds | null>;
  /** Decisions after that one and before `until`, by time, manufacturer, serial and nonce; at most `limit`. */
  decisions(after: DecisionCursor, until: UnixSeconds, limit: number): Promise<readonly StoredDecision[]>;
  /** The SHA-256 of the SPKI of the first key seen for the device. */
  keyOf(device: DeviceId): Promise<Digest | null>;
  /** By serial and manufacturer: those with this serial. */
  devices(filter: { readonly serial: Serial }): Promise<readonly SeenDevice[]>;
  /** By serial and manufacturer: those with one of these serials. */
  amongSerials(serials: readonly Serial[]): Promise<readonly SeenDevice[]>;
  /** By serial and manufacturer: after that one, or from the first on; at most `limit`. */
  page(which: DevicePage): Promise<readonly SeenDevice[]>;
  device(device: DeviceId): Promise<SeenDevice | null>;
  /** What the device first reported after it accepted, from then on, a claim that is not of this organization; null: nothing yet. */
  purgeOf(device: DeviceId, former: OrganizationId, since: UnixSeconds): Promise<ReportedPurge | null>;
  /** Last seen first; of all organizations, or of this one. */
  observations(filter?: { readonly organization?: OrganizationId }): Promise<readonly StoredObservation[]>;
  close(): Promise<void>;
}

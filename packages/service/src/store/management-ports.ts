// What the management side keeps: the nouns' rows as our own types, and the store they need. SQL is behind it.
import type { InspectionCaRole } from '@windlass/management';
import type {
  DeviceId,
  Digest,
  Endpoint,
  Envelope,
  NetworkId,
  OrganizationId,
  SecurityProfile,
  Serial,
  UnixSeconds,
} from '@windlass/protocol';
import type { ApprovalTable, TwoPersonTable } from './management-ports-approvals.ts';
import type { KeptAnswerTable } from './management-ports-idempotency.ts';
import type { ObservationMarkTable } from './management-ports-observations.ts';
import type {
  CommandLoginTable,
  CredentialTable,
  DecisionDigestTable,
  FailedAttemptTable,
  IdentityTable,
  PeopleTable,
  StoredSession,
  StoredToken,
} from './management-ports-people.ts';
import type { JobTable, NextEpochTable, PublisherTable } from './management-ports-publishers.ts';
import type {
  AlertTable,
  ClaimAttemptTable,
  DeviceNameTable,
  ManifestTable,
  OwnershipTable,
  TransferTable,
} from './manifest-ports.ts';
import type { DevicePage } from './ports.ts';

export type {
  ClaimAttempt,
  ClaimedDevice,
  DeviceName,
  FormerOwnership,
  ManifestDevice,
  Transfer,
} from './manifest-ports.ts';

/** A manufacturer whose anchor device identities are checked against. */
export interface StoredManufacturer {
  readonly name: string;
  /** SHA-256 of the anchor's SubjectPublicKeyInfo. */
  readonly keyDigest: Digest;
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly notAfter: UnixSeconds;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly created: UnixSeconds;
}

/** A self-signed device that the operator registered. */
export interface RegisteredDevice {
  /** SHA-256 of its SubjectPublicKeyInfo, which is also the manufacturer of its device id. @see spec F6, K7 */
  readonly keyDigest: Digest;
  readonly serial: Serial;
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly notAfter: UnixSeconds;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly created: UnixSeconds;
}

/** A publisher anchor of an organization. */
export interface StoredPublisher {
  readonly keyDigest: Digest;
  /** DER of the anchor. */
  readonly anchor: Uint8Array;
  /** The end of the publisher's own certificate. */
  readonly expires: UnixSeconds;
}

/** An organization with the publisher anchors that claims of its epoch name, oldest first. */
export interface StoredOrganization {
  readonly name: OrganizationId;
  readonly epoch: number;
  readonly publishers: readonly StoredPublisher[];
  readonly created: UnixSeconds;
}

/** What a network offers devices beside its way out; only what somebody said. */
export type NetworkServices = Pick<SecurityProfile, 'explicitProxy' | 'noProxy' | 'timeServers' | 'dns'>;

/** A network of an organization. */
export interface StoredNetwork {
  readonly organization: OrganizationId;
  readonly name: NetworkId;
  readonly created: UnixSeconds;
  readonly services: NetworkServices;
}

/** Which network. */
export interface NetworkKey {
  readonly organization: OrganizationId;
  readonly network: NetworkId;
}

/** A CA before it has an id. */
export interface NewInspectionCa extends NetworkKey {
  readonly fingerprint: string;
  readonly keyDigest: Digest;
  /** Distinguished name as text, for people. */
  readonly subject: string;
  /** DER of the Name. */
  readonly subjectName: Uint8Array;
  readonly certificate: Uint8Array;
  readonly notAfter: UnixSeconds;
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
  readonly permittedNames: readonly string[];
  readonly excludedNames: readonly string[];
  readonly warnings: readonly string[];
  readonly role: InspectionCaRole;
  /** The id of the CA that it follows. */
  readonly predecessor: number | null;
  readonly added: UnixSeconds;
}

/** An inspection CA of a network; retired ones stay. */
export interface StoredInspectionCa extends NewInspectionCa {
  readonly id: number;
  /** null: nobody has confirmed its fingerprint. */
  readonly approved: UnixSeconds | null;
  /** The sequence it was first published with; null: never. */
  readonly publishedSequence: number | null;
  readonly retired: UnixSeconds | null;
  /** The sequence that told devices to drop it; null: not yet. */
  readonly retiredSequence: number | null;
  /** What is revoked is retired too. */
  readonly revoked: UnixSeconds | null;
}

/** One generation of a claim, as it was signed. */
export interface ClaimRow {
  readonly manufacturer: Digest;
  readonly serial: Serial;
  readonly generation: number;
  readonly ownership: number;
  /** null: released. */
  readonly organization: OrganizationId | null;
  /** The network the device is assigned to. */
  readonly network: NetworkId | null;
  readonly epoch: number;
  readonly expires: UnixSeconds;
  readonly digest: Digest;
  readonly key: Digest | null;
  readonly envelope: Envelope;
  /** When this owner began: a claim that is only signed anew keeps it. */
  readonly created: UnixSeconds;
}

/** An inspection CA as it stands in a published profile. */
export interface PublishedCa {
  readonly certificate: Uint8Array;
  readonly subjectName: Uint8Array;
  readonly subject: string;
  readonly fingerprint: string;
  readonly keyDigest: Digest;
  readonly permittedNames: readonly string[];
  readonly excludedNames: readonly string[];
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
}

/** One publication of a network, as it was signed. */
export interface ProfileRow extends NetworkKey {
  readonly epoch: number;
  readonly sequence: number;
  readonly digest: Digest;
  readonly issued: UnixSeconds;
  readonly expires: UnixSeconds;
  readonly envelope: Envelope;
  readonly inspectionCas: readonly PublishedCa[];
  readonly endpoints: readonly Endpoint[];
  readonly services: NetworkServices;
  readonly retired: readonly Digest[];
  readonly changes: readonly string[];
  readonly reason: string | null;
}

/** One line of the audit. `detail` is canonical JSON. */
export interface AuditRow {
  readonly id: number;
  readonly time: UnixSeconds;
  readonly actor: string;
  readonly role: string;
  readonly address: string;
  readonly act: string;
  readonly outcome: 'done' | 'refused';
  readonly organization: string | null;
  readonly object: string;
  readonly detail: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** The tables, noun by noun. Every list is in the order it was made unless it says otherwise. */
export interface ManagementTables {
  readonly manufacturers: {
    all(): Promise<readonly StoredManufacturer[]>;
    add(row: StoredManufacturer): Promise<void>;
  };
  readonly registeredDevices: RegisteredDeviceTable;
  readonly organizations: {
    all(): Promise<readonly StoredOrganization[]>;
    find(name: string): Promise<StoredOrganization | null>;
    /** With publishers that the service hosts. */
    add(row: StoredOrganization): Promise<void>;
  };
  readonly networks: {
    of(organization: OrganizationId): Promise<readonly StoredNetwork[]>;
    find(organization: OrganizationId, name: string): Promise<StoredNetwork | null>;
    add(row: StoredNetwork): Promise<void>;
    setServices(key: NetworkKey, services: NetworkServices): Promise<void>;
  };
  readonly endpoints: {
    of(key: NetworkKey): Promise<readonly Endpoint[]>;
    add(key: NetworkKey, endpoint: Endpoint): Promise<void>;
    remove(key: NetworkKey, name: string): Promise<void>;
  };
  readonly inspectionCas: InspectionCaTable;
  readonly observationMarks: ObservationMarkTable;
  readonly publishers: PublisherTable;
  readonly claims: ClaimTable;
  readonly profiles: ProfileTable;
  readonly nextEpoch: NextEpochTable;
  readonly jobs: JobTable;
  readonly people: PeopleTable;
  readonly identities: IdentityTable;
  readonly tokens: CredentialTable<StoredToken>;
  readonly sessions: CredentialTable<StoredSession>;
  readonly commandLogins: CommandLoginTable;
  readonly decisionDigests: DecisionDigestTable;
  readonly failedAttempts: FailedAttemptTable;
  readonly manifests: ManifestTable;
  readonly claimAttempts: ClaimAttemptTable;
  readonly transfers: TransferTable;
  readonly deviceNames: DeviceNameTable;
  readonly ownerships: OwnershipTable;
  readonly alerts: AlertTable;
  readonly keptAnswers: KeptAnswerTable;
  readonly approvals: ApprovalTable;
  readonly twoPersonRules: TwoPersonTable;
  readonly audit: AuditTable;
  /** Inside a transaction: all that `work` writes, or nothing when it throws; what was written before stays, and the transaction goes on. */
  nested<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Inspection CAs with what became of them. */
export interface InspectionCaTable {
  of(key: NetworkKey): Promise<readonly StoredInspectionCa[]>;
  /** Those of all networks of the organization, by network. */
  ofOrganization(organization: OrganizationId): Promise<readonly StoredInspectionCa[]>;
  /** Those of all networks of the organization that have one of these keys. */
  withKeys(organization: OrganizationId, keys: readonly Digest[]): Promise<readonly StoredInspectionCa[]>;
  /** Whether a CA with this key is or was on any network. */
  hasKey(keyDigest: Digest): Promise<boolean>;
  add(row: NewInspectionCa): Promise<StoredInspectionCa>;
  approve(id: number, at: UnixSeconds): Promise<void>;
  retire(id: number, at: UnixSeconds): Promise<void>;
  /** It is retired too, where it was not. */
  revoke(id: number, at: UnixSeconds): Promise<void>;
  /** Only of what was never published. */
  remove(id: number): Promise<void>;
  /** These were published for the first time, those were retired, with this sequence. */
  published(sequence: number, first: readonly number[], retired: readonly number[]): Promise<void>;
}

/** A page of devices with a claim. */
export interface ClaimedDevicePage extends DevicePage {
  /** null: of all, and those that nobody owns any more. */
  readonly organization: OrganizationId | null;
  readonly network?: string | undefined;
  /** Owned and on no network, or on one. */
  readonly unplaced?: boolean | undefined;
}

/** Self-signed devices: a key once, a serial once. */
export interface RegisteredDeviceTable {
  /** By serial; of devices with one of these serials. */
  amongSerials(serials: readonly Serial[]): Promise<readonly RegisteredDevice[]>;
  /** By serial. */
  page(which: DevicePage): Promise<readonly RegisteredDevice[]>;
  withKey(keyDigest: Digest): Promise<RegisteredDevice | null>;
  withSerial(serial: Serial): Promise<RegisteredDevice | null>;
  /** Those of these keys that are a registered device's. */
  amongKeys(keys: readonly Digest[]): Promise<ReadonlySet<Digest>>;
  add(row: RegisteredDevice): Promise<void>;
}

/** Which claims are wanted; without a member, whatever it is. */
export interface ClaimFilter {
  readonly organization?: OrganizationId;
  /** They end at this time or later, and before that one. */
  readonly ending?: { readonly from: UnixSeconds; readonly before: UnixSeconds };
  /** Only those whose manifest says that they need a label proof. */
  readonly needsProof?: true;
}

/** Claims: append only. */
export interface ClaimTable {
  current(manufacturer: Digest, serial: Serial): Promise<ClaimRow | null>;
  /** All claims of the device in this ownership, the newest first. */
  ofOwnership(device: Pick<ClaimRow, 'manufacturer' | 'serial' | 'ownership'>): Promise<readonly ClaimRow[]>;
  /** The current claims of all devices with this serial, released ones too. */
  withSerial(serial: Serial): Promise<readonly ClaimRow[]>;
  /** The current claims of devices with one of these serials. */
  amongSerials(serials: readonly Serial[]): Promise<readonly ClaimRow[]>;
  /** By serial and manufacturer. */
  devices(which: ClaimedDevicePage): Promise<readonly ClaimRow[]>;
  /** The current claims of an organization's devices, or of all devices; by serial. */
  currentOf(organization: OrganizationId | null): Promise<readonly ClaimRow[]>;
  /** The current claims of all devices that come after this one, or from the first on, by manufacturer and serial; at most `limit`. */
  page(after: DeviceId | null, limit: number, which?: ClaimFilter): Promise<readonly ClaimRow[]>;
  add(row: ClaimRow): Promise<void>;
}

/** Profiles: append only. */
export interface ProfileTable {
  /** Newest first, at most `limit`; only those with a smaller sequence where one is given. */
  of(key: NetworkKey, limit: number, before?: number | null): Promise<readonly ProfileRow[]>;
  /** The number of the current profile of each network of the organization; costs little however much is in them. */
  currentSequences(organization: OrganizationId): Promise<readonly (NetworkKey & { readonly sequence: number })[]>;
  at(key: NetworkKey, sequence: number): Promise<ProfileRow | null>;
  /** Characters of the payloads of the organization's current profiles, but for this network's. */
  sizeBeside(key: NetworkKey): Promise<number>;
  /** The current profile of each network of the organization. */
  currentOf(organization: OrganizationId): Promise<readonly ProfileRow[]>;
  add(row: ProfileRow): Promise<void>;
}

/** Which lines of the audit; what is left out does not matter. */
export interface AuditFilter {
  /** null: all. */
  readonly organization: string | null;
  readonly act?: string;
  /** A person, or the id of a token or session. */
  readonly actor?: string;
  readonly outcome?: 'done' | 'refused';
  readonly since?: UnixSeconds;
  /** Before this. */
  readonly until?: UnixSeconds;
}

/** The audit: append only. */
export interface AuditTable {
  last(): Promise<AuditRow | null>;
  add(row: AuditRow): Promise<void>;
  /** Newest first. */
  page(filter: AuditFilter & { readonly before: number | null; readonly limit: number }): Promise<readonly AuditRow[]>;
  /** Oldest first, with an id greater than `id`; all, or those that fit. */
  after(id: number, limit: number, filter?: AuditFilter): Promise<readonly AuditRow[]>;
  /** The one with this id. */
  at(id: number): Promise<AuditRow | null>;
}

/** The management side's own database. */
export interface ManagementStore {
  /** For reading. */
  readonly tables: ManagementTables;
  /** All that `work` writes, or nothing when it throws. `work` uses the tables it is given, never `tables` of the store. */
  transaction<Result>(work: (tables: ManagementTables) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

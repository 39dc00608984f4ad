// The rows of management.db as they are stored. Times are Unix seconds, lists JSON, booleans 0 or 1; what one means is in
// management-ports.ts.
import type { Generated } from 'kysely';
import type { ApprovalDatabase } from './approval-schema.ts';
import type { IdempotencyDatabase } from './idempotency-schema.ts';
import type { ManifestDatabase } from './manifest-schema.ts';
import type { ObservationDatabase } from './observation-schema.ts';
import type { PublisherDatabase } from './publisher-schema.ts';

/** Table by table. */
export interface ManagementDatabase
  extends ApprovalDatabase,
    IdempotencyDatabase,
    ManifestDatabase,
    PublisherDatabase,
    ObservationDatabase {
  manufacturers: {
    name: string;
    key_digest: string;
    fingerprint: string;
    subject: string;
    not_after: number;
    certificate: Uint8Array;
    created: number;
  };
  registered_devices: {
    key_digest: string;
    serial: string;
    fingerprint: string;
    subject: string;
    not_after: number;
    certificate: Uint8Array;
    created: number;
  };
  organizations: { name: string; epoch: number; created: number };
  networks: { organization: string; name: string; created: number; services: Generated<string> };
  endpoints: {
    organization: string;
    network: string;
    name: string;
    host: string;
    port: number;
    protocol: string;
    required: number;
    path: string | null;
    alpn: string | null;
    client_certificate: number | null;
    pins: string | null;
  };
  inspection_cas: {
    id: Generated<number>;
    organization: string;
    network: string;
    fingerprint: string;
    key_digest: string;
    subject: string;
    subject_name: Uint8Array;
    certificate: Uint8Array;
    not_after: number;
    valid_from: number;
    valid_until: number;
    permitted_names: string;
    excluded_names: string;
    warnings: string;
    added: number;
    published_sequence: number | null;
    retired: number | null;
    retired_sequence: number | null;
    predecessor: number | null;
    approved: number | null;
    revoked: number | null;
    role: string;
  };
  claims: {
    manufacturer: string;
    serial: string;
    generation: number;
    ownership: number;
    organization: string | null;
    network: string | null;
    epoch: number;
    expires: number;
    digest: string;
    key_digest: string | null;
    payload: string;
    signature: string;
    created: number;
  };
  profiles: ProfileColumns;
  people: { id: string; created: number };
  memberships: {
    person: string;
    scope: string;
    organization: string | null;
    roles: string;
    created: number;
    disabled: number | null;
  };
  identities: { issuer: string; subject: string; person: string; created: number };
  tokens: {
    id: string;
    person: string;
    name: string;
    role: string;
    organization: string | null;
    digest: string;
    created: number;
    expires: number | null;
    revoked: number | null;
    last_used: number | null;
  };
  sessions: {
    digest: string;
    id: string;
    person: string;
    role: string;
    organization: string | null;
    created: number;
    expires: number;
    last_used: number;
    revoked: number | null;
  };
  failed_attempts: { client: string; since: number; count: number };
  command_logins: {
    digest: string;
    challenge: string;
    person: string;
    role: string;
    organization: string | null;
    issuer: string;
    subject: string;
    expires: number;
  };
  decision_digests: { hour: number; audit_id: number };
  audit: {
    id: number;
    time: number;
    actor: string;
    role: string;
    address: string;
    act: string;
    outcome: string;
    organization: string | null;
    object: string;
    detail: string;
    previous_hash: string;
    hash: string;
  };
}

/** A profile as it was signed, published or not. */
export interface ProfileColumns {
  organization: string;
  network: string;
  epoch: number;
  sequence: number;
  digest: string;
  issued: number;
  expires: number;
  payload: string;
  signature: string;
  inspection_cas: string;
  endpoints: string;
  services: string;
  retired: string;
  changes: string;
  reason: string | null;
}

// The rows of management.db as they are stored. Times are Unix seconds, lists JSON, booleans 0 or 1; what one means is in
// management-ports.ts.
import type { Generated } from 'kysely';

/** Table by table. */
export interface ManagementDatabase {
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
  publishers: { organization: string; key_digest: string; anchor: Uint8Array; expires: number; created: number };
  networks: { organization: string; name: string; created: number };
  endpoints: {
    organization: string;
    network: string;
    name: string;
    host: string;
    port: number;
    protocol: string;
    required: number;
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
  profiles: {
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
    retired: string;
    changes: string;
    reason: string | null;
  };
  tokens: {
    id: string;
    role: string;
    organization: string | null;
    digest: string;
    created: number;
    expires: number | null;
  };
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

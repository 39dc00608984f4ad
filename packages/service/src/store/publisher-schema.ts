// The rows of migration 0005 as they are stored; what one means is in management-ports-publishers.ts.
import type { Generated } from 'kysely';
import type { ProfileColumns } from './management-schema.ts';

/** Table by table. */
export interface PublisherDatabase {
  publisher_anchors: {
    organization: string;
    key_digest: string;
    kind: string;
    anchor: Uint8Array;
    expires: number;
    created: number;
    from_epoch: number;
    until_epoch: number | null;
    named: number | null;
  };
  jobs: {
    id: Generated<number>;
    organization: string;
    kind: string;
    epoch: number;
    reason: string | null;
    actor: string;
    state: string;
    done: number;
    total: number;
    note: string | null;
    created: number;
    changed: number;
  };
  staged_claims: {
    organization: string;
    manufacturer: string;
    serial: string;
    generation: number;
    epoch: number;
    expires: number;
    digest: string;
    payload: string;
    signature: string;
  };
  staged_profiles: ProfileColumns;
}

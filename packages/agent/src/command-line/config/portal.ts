// What the network says of itself, and where.
import type { JsonValue } from '@windlass/protocol';
import { type Members, matched } from './members.ts';

export interface ReadPortal {
  /** The API of a captive portal. */
  readonly api: URL | null;
  /** Files of DHCP's leases, and directories of such files; null: where they usually are. */
  readonly leaseFiles: readonly string[] | null;
}

const MAX_LEASE_FILES = 16;

/** @throws ConfigError */
export function readPortal(members: Members): ReadPortal {
  return {
    api: members.parsed('captivePortalApi', parseApi, 'an address like https://portal.example/api', null),
    leaseFiles: members.has('leaseFiles') ? members.paths('leaseFiles', MAX_LEASE_FILES) : null,
  };
}

function parseApi(value: JsonValue): URL {
  return new URL(matched(value, /^https:\/\/[^@]+$/));
}

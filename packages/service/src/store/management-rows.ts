// From columns to our types: the border of the database. What stands in a row was written by this service, so brands are
// given back without parsing again; numbers are, because PostgreSQL returns bigint as text.
import type { Role } from '@windlass/management';
import type { Digest, NetworkId, OrganizationId, Serial, UnixSeconds } from '@windlass/protocol';
import type { NetworkServices } from './management-ports.ts';

export const roleColumn = (value: string): Role => value as Role;
export const digestColumn = (value: string): Digest => value as Digest;
export const digestOrNull = (value: string | null): Digest | null => value as Digest | null;
export const organizationColumn = (value: string): OrganizationId => value as OrganizationId;
export const organizationOrNull = (value: string | null): OrganizationId | null => value as OrganizationId | null;
export const networkColumn = (value: string): NetworkId => value as NetworkId;
export const networkOrNull = (value: string | null): NetworkId | null => value as NetworkId | null;
export const serialColumn = (value: string): Serial => value as Serial;
export const numberColumn = (value: number | string): number => Number(value);
export const numberOrNull = (value: number | string | null): number | null => (value === null ? null : Number(value));
export const timeColumn = (value: number | string): UnixSeconds => Number(value) as UnixSeconds;
export const timeOrNull = (value: number | string | null): UnixSeconds | null =>
  value === null ? null : timeColumn(value);
/** A copy that does not keep the driver's buffer alive. */
export const bytesColumn = (value: Uint8Array): Uint8Array => new Uint8Array(value);
export const textsColumn = (value: string): readonly string[] => JSON.parse(value) as string[];
export const servicesColumn = (value: string): NetworkServices => JSON.parse(value) as NetworkServices;
export const digestsColumn = (value: string): readonly Digest[] => JSON.parse(value) as Digest[];

// What a database is for and how it is opened, whichever engine holds it.
import type { Kysely } from 'kysely';

/** What one database is for, and how its tables came about. */
export interface DatabaseKind {
  readonly name: 'device' | 'management';
  /** By name; names sort in the order in which they run. Never changed once released: only added to. */
  readonly migrations: Readonly<Record<string, { readonly up: (database: Kysely<unknown>) => Promise<void> }>>;
}

/** `create`: made when it is missing. `write`: must exist. `read`: must exist, be current, and cannot be written. */
export type DatabaseAccess = 'create' | 'write' | 'read';

/** A database that is open and current. */
export interface OpenDatabase<Tables> {
  readonly database: Kysely<Tables>;
  /** It is closed; queries that still run have ended. */
  close(): Promise<void>;
}

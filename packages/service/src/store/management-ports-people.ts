// Who may ask: people, what they are in an organization or in the service, their tokens and sessions, as our own types.
import type { Role } from '@windlass/management';
import type { OrganizationId, UnixSeconds } from '@windlass/protocol';

/** What a person is in one organization, or in the service. */
export interface StoredMembership {
  /** In lower case; the same person may be in more than one organization. */
  readonly person: string;
  /** null: the service itself. */
  readonly organization: OrganizationId | null;
  readonly roles: readonly Role[];
  readonly created: UnixSeconds;
  /** Since when the person may do nothing here. */
  readonly disabled: UnixSeconds | null;
}

/** What a token and a session have in common: somebody's right to act in one role. */
export interface StoredCredential {
  /** The first 8 hexadecimal digits of the digest: how people and the audit name it. */
  readonly id: string;
  readonly person: string;
  readonly role: Role;
  /** null for an admin. */
  readonly organization: OrganizationId | null;
  /** SHA-256 of what its holder sends, hexadecimal; that itself is kept nowhere. */
  readonly digest: string;
  readonly created: UnixSeconds;
  readonly revoked: UnixSeconds | null;
}

/** A token. */
export interface StoredToken extends StoredCredential {
  /** What its owner calls it. */
  readonly name: string;
  /** null: never. */
  readonly expires: UnixSeconds | null;
  /** To the minute; null: never. */
  readonly lastUsed: UnixSeconds | null;
}

/** A session of somebody who logged in. */
export interface StoredSession extends StoredCredential {
  readonly expires: UnixSeconds;
  /** To the minute. */
  readonly lastUsed: UnixSeconds;
}

/** Which credentials: those of an organization or of the service, of all people or of one. */
export interface CredentialFilter {
  readonly organization: OrganizationId | null;
  readonly person?: string;
}

/** A page of people: after this one by name, or from the first on; at most `limit`. */
export interface PeoplePage {
  readonly organization: OrganizationId | null;
  readonly role?: Role | undefined;
  readonly after: string | null;
  readonly limit: number;
}

/** A page of credentials: after the one made then with this id, or from the first on; at most `limit`. */
export interface CredentialPage extends CredentialFilter {
  /** Those that somebody can act with at that time, or cannot; `idleSince`: one not used after this has ended. */
  readonly active?:
    | { readonly is: boolean; readonly at: UnixSeconds; readonly idleSince: UnixSeconds | null }
    | undefined;
  readonly after: { readonly created: number; readonly id: string } | null;
  readonly limit: number;
}

/** People and their memberships. */
export interface PeopleTable {
  /** The person exists from now on, if not before. */
  ensure(person: string, now: UnixSeconds): Promise<void>;
  find(person: string, organization: OrganizationId | null): Promise<StoredMembership | null>;
  /** Of one organization or of the service, by name. */
  of(organization: OrganizationId | null): Promise<readonly StoredMembership[]>;
  /** By name. */
  page(which: PeoplePage): Promise<readonly StoredMembership[]>;
  /** All memberships of one person. */
  memberships(person: string): Promise<readonly StoredMembership[]>;
  add(row: StoredMembership): Promise<void>;
  /** Roles and `disabled` are those of `row` from now on. */
  change(row: StoredMembership): Promise<void>;
}

/** Tokens, or sessions. */
export interface CredentialTable<Row extends StoredCredential> {
  /** All whose digest begins like this. */
  find(id: string): Promise<readonly Row[]>;
  /** In the order they were made. */
  of(filter: CredentialFilter): Promise<readonly Row[]>;
  /** In the same order. */
  page(which: CredentialPage): Promise<readonly Row[]>;
  add(row: Row): Promise<void>;
  /** Those of these that were not revoked before are revoked. */
  revoke(digests: readonly string[], at: UnixSeconds): Promise<void>;
  used(digest: string, at: UnixSeconds): Promise<void>;
}

/** Which person an account of the identity provider is. */
export interface IdentityTable {
  personOf(issuer: string, subject: string): Promise<string | null>;
  /** Whether some account of the issuer is this person. */
  isLinked(issuer: string, person: string): Promise<boolean>;
  /** No account is this person any more. */
  unlink(person: string): Promise<void>;
  add(row: {
    readonly issuer: string;
    readonly subject: string;
    readonly person: string;
    readonly created: UnixSeconds;
  }): Promise<void>;
}

/** Of which hours the decisions are summed up in the audit. */
export interface DecisionDigestTable {
  /** The first second of the last hour that is summed up. */
  last(): Promise<UnixSeconds | null>;
  /** Fails when the hour is there already. */
  add(row: { readonly hour: UnixSeconds; readonly auditId: number }): Promise<void>;
}

/** Failures of one client that count together. */
export interface FailedAttempts {
  /** As `clientOf` writes it. */
  readonly client: string;
  /** When the first of them was. */
  readonly since: UnixSeconds;
  readonly count: number;
}

/** Failed attempts: one row per client. */
export interface FailedAttemptTable {
  find(client: string): Promise<FailedAttempts | null>;
  put(failed: FailedAttempts): Promise<void>;
  /** Those that began outside of these times are forgotten, and of the others all but the `most` that began last. */
  keep(only: { readonly after: number; readonly before: number; readonly most: number }): Promise<void>;
}

/** A login that a browser has finished, for a command. */
export interface StoredCommandLogin {
  /** SHA-256 of the code, hexadecimal; the code itself is kept nowhere. */
  readonly digest: string;
  /** base64url of the SHA-256 of what only the command has. */
  readonly challenge: string;
  readonly person: string;
  readonly role: Role;
  readonly organization: OrganizationId | null;
  /** Which account of which identity provider it was. */
  readonly issuer: string;
  readonly subject: string;
  /** The last second in which it can be taken. */
  readonly expires: UnixSeconds;
}

/** Logins that wait for their command. */
export interface CommandLoginTable {
  add(login: StoredCommandLogin): Promise<void>;
  /** It is there no more: nobody takes it twice. */
  take(digest: string): Promise<StoredCommandLogin | null>;
  /** Those that ended before this time are forgotten. */
  forget(time: UnixSeconds): Promise<void>;
}

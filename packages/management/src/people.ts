// What requests and answers say of people, their tokens and their sessions.
import { type Static, Type } from 'typebox';
import { CredentialId, Name, PersonName, Role, Time } from './forms.ts';

const TimeOrNull = Type.Union([Time, Type.Null()]);
const OrganizationOrNull = Type.Union([Name, Type.Null()]);

/** A person in one organization, or in the service. */
export const Person = Type.Object({
  person: PersonName,
  /** null: the service. */
  organization: OrganizationOrNull,
  roles: Type.Array(Role),
  created: Time,
  /** Since when they may do nothing here. */
  disabled: TimeOrNull,
});
export type Person = Static<typeof Person>;

/** A token without its secret. */
export const Token = Type.Object({
  id: CredentialId,
  person: PersonName,
  name: Type.String(),
  role: Role,
  organization: OrganizationOrNull,
  created: Time,
  /** null: never. */
  expires: TimeOrNull,
  revoked: TimeOrNull,
  /** To the minute. */
  lastUsed: TimeOrNull,
});
export type Token = Static<typeof Token>;

/** A new token with its only copy. */
export const NewToken = Type.Object({ ...Token.properties, token: Type.String() });
export type NewToken = Static<typeof NewToken>;

/** Somebody who is, or was, logged in. */
export const Session = Type.Object({
  id: CredentialId,
  person: PersonName,
  role: Role,
  organization: OrganizationOrNull,
  created: Time,
  /** It ends earlier when it is not used. */
  expires: Time,
  revoked: TimeOrNull,
  /** To the minute. */
  lastUsed: Time,
});
export type Session = Static<typeof Session>;

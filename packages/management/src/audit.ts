// What answers say of the audit.
import { type Static, Type } from 'typebox';
import { Count, Time } from './forms.ts';

/** One line of the audit: an act or a refusal. `hash` covers the line and `previousHash`. */
export const AuditEntry = Type.Object({
  id: Count,
  time: Time,
  /** The person and the token or session ("ann token 1f0c9a2b"), or "anonymous", or "system". */
  actor: Type.String(),
  role: Type.String(),
  address: Type.String(),
  act: Type.String(),
  outcome: Type.Union([Type.Literal('done'), Type.Literal('refused')]),
  organization: Type.Union([Type.String(), Type.Null()]),
  object: Type.String(),
  /** `reason` where one was given; `before` and `after` where something changed. */
  detail: Type.Record(Type.String(), Type.Unknown()),
  previousHash: Type.String(),
  hash: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;

const Chain = Type.Union([Type.Literal('intact'), Type.Object({ brokenAt: Count })]);

/** A page of the audit, newest first, and whether the whole chain still holds. */
export const AuditPage = Type.Object({ entries: Type.Array(AuditEntry), chain: Chain });
export type AuditPage = Static<typeof AuditPage>;

/** A piece of the audit, oldest first; an empty one: that was all. */
export const AuditEntries = Type.Object({ entries: Type.Array(AuditEntry) });
export type AuditEntries = Static<typeof AuditEntries>;

/** Whether one piece of the chain holds. */
export const ChainCheck = Type.Object({
  /** Entries in this piece; 0: there are no more. */
  checked: Count,
  chain: Chain,
  /** The last entry of the piece, by which the next one begins; null: there was none. */
  last: Type.Union([Type.Object({ id: Count, hash: Type.String() }), Type.Null()]),
});
export type ChainCheck = Static<typeof ChainCheck>;

/** The decisions of one hour, as the device side's database has them now. */
export const DecisionDigest = Type.Object({
  hour: Time,
  decisions: Count,
  /** By outcome. */
  outcomes: Type.Record(Type.String(), Count),
  /** SHA-256, hexadecimal, over all of them in order. */
  sha256: Type.String(),
});
export type DecisionDigest = Static<typeof DecisionDigest>;

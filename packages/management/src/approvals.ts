// What answers say of acts that wait for a second person, and of the rule that makes them wait.
import { type Static, Type } from 'typebox';
import { Count, Name, PersonName, Time } from './forms.ts';

const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** An act that one approver asked for, and another has to approve. */
export const Approval = Type.Object({
  id: Type.String(),
  organization: Name,
  /** What is to be done, as the audit calls it: noun.verb. */
  act: Type.String(),
  /** What it is to be done to. */
  object: Type.String(),
  /** What the audit would have told of it when it was asked for; keys that it makes are "new keys", and ids others when it is done. */
  detail: Type.Record(Type.String(), Type.Unknown()),
  reason: TextOrNull,
  requestedBy: PersonName,
  requested: Time,
  /** The last second in which it can be approved. */
  expires: Time,
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('approved'),
    Type.Literal('rejected'),
    Type.Literal('withdrawn'),
    Type.Literal('expired'),
  ]),
  /** Who approved, rejected or withdrew it; null while nobody did. */
  decidedBy: Type.Union([PersonName, Type.Null()]),
  decided: Type.Union([Time, Type.Null()]),
  decisionReason: TextOrNull,
});
export type Approval = Static<typeof Approval>;

/** An act that was approved, and what the act itself answered. */
export const ApprovedAct = Type.Object({ approval: Approval, result: Type.Unknown() });
export type ApprovedAct = Static<typeof ApprovedAct>;

/** Whether two people have to agree before trust changes. */
export const TwoPersonRule = Type.Object({
  organization: Name,
  required: Type.Boolean(),
  since: Type.Union([Time, Type.Null()]),
  /** How many people can approve. */
  approvers: Count,
});
export type TwoPersonRule = Static<typeof TwoPersonRule>;

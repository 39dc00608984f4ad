// The audit: a page of it, all of it piece by piece, whether the chain holds, and what the device side decided in an hour.
import { Type } from 'typebox';
import { AuditEntries, AuditPage, ChainCheck, DecisionDigest } from './audit.ts';
import { DateOrTime, Name, Time } from './forms.ts';
import { ADMIN, closed, nothing, READERS, type Route } from './route.ts';

const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'a number from 1 to 1000' }));
const after = Type.Optional(Type.Integer({ minimum: 0, description: 'the id of an entry, or 0' }));
/** Which entries; left out: all. */
const filter = {
  organization: Type.Optional(Name),
  act: Type.Optional(
    Type.String({ pattern: '^[a-z-]{1,40}\\.[a-z-]{1,40}$', description: 'an act like "profile.publish"' }),
  ),
  /** A person, or the id of a token or session. */
  actor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._+@-]{1,127}$',
      description: 'the name of a person, or the 8 hexadecimal digits of a token or session',
    }),
  ),
  outcome: Type.Optional(
    Type.Union([Type.Literal('done'), Type.Literal('refused')], { description: '"done" or "refused"' }),
  ),
  since: Type.Optional(DateOrTime),
  /** Before this. */
  until: Type.Optional(DateOrTime),
};

/** Routes by the name of their method in the client. */
export const AUDIT_ROUTES = {
  listAudit: {
    method: 'GET',
    path: '/v1/audit',
    roles: READERS,
    organization: 'query',
    act: 'audit.list',
    params: nothing,
    query: Type.Object(
      {
        ...filter,
        limit,
        /** Entries with a smaller id only: the page after. */
        before: Type.Optional(Type.Integer({ minimum: 1, description: 'the id of an entry' })),
      },
      closed,
    ),
    body: null,
    answer: AuditPage,
  },
  exportAudit: {
    method: 'GET',
    path: '/v1/audit/entries',
    roles: READERS,
    organization: 'query',
    act: 'audit.export',
    params: nothing,
    /** `after`: entries with a greater id only. */
    query: Type.Object({ ...filter, limit, after }, closed),
    body: null,
    answer: AuditEntries,
  },
  verifyAudit: {
    method: 'GET',
    path: '/v1/audit/chain',
    roles: READERS,
    organization: 'service',
    act: 'audit.verify',
    params: nothing,
    query: Type.Object({ limit, after }, closed),
    body: null,
    answer: ChainCheck,
  },
  digestDecisions: {
    method: 'GET',
    path: '/v1/audit/decisions',
    roles: ADMIN,
    organization: 'service',
    act: 'decision.check',
    params: nothing,
    query: Type.Object({ hour: Time }, closed),
    body: null,
    answer: DecisionDigest,
  },
} as const satisfies Readonly<Record<string, Route>>;

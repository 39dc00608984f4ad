// What one line of the route table says, and the pieces that several lines share.
import { type TObject, type TSchema, Type } from 'typebox';
import { Name, type Role } from './forms.ts';
import { listQuery } from './paging.ts';

/**
 * Where a route finds the organization it acts on; a member passes only when it is their own, else the answer is that
 * of an unknown one.
 * - `service`: on none; - `path`, `body`: a parameter or member `organization`; - `query`: `?organization=`, a member's
 *   own when left out; - `object`: the owner of the device named by serial, which the noun checks.
 */
export type OrganizationSource = 'service' | 'path' | 'body' | 'query' | 'object';

/**
 * - `always`; - `for-approvers`: when it makes somebody an approver, or gives somebody else a token to act as one;
 * - `when-weaker`: when fewer people than before would have to agree.
 */
export type SecondPerson = 'always' | 'for-approvers' | 'when-weaker';

/** One line of the table. Members of `params`, `query` and `body` have different names, so that an input is one flat object. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `:name` for parameters. */
  readonly path: string;
  /** Whose tokens pass; an empty list: no token needed. */
  readonly roles: readonly Role[];
  readonly organization: OrganizationSource;
  /** What the audit calls it: noun.verb. */
  readonly act: string;
  /** Where the organization demands two people: when the act waits for the second one. Left out: never. */
  readonly secondPerson?: SecondPerson;
  readonly params: TObject;
  readonly query: TObject;
  readonly body: TObject | null;
  readonly answer: TSchema;
  /** What changes an object: the route that shows it, which an If-Match is compared with. Its parameters are among those of this route. */
  readonly guardedBy?: string;
  /** Where the answer has a secret, which is given once: what to do who did not get it, as the rest of a sentence. */
  readonly secret?: string;
}

/** For requests: an unknown member is refused. */
export const closed = { additionalProperties: false } as const;
/** No parameters, no query, or an empty object as body. */
export const nothing = Type.Object({}, closed);
/** Parameters of a route inside an organization. */
export const inOrganization = Type.Object({ organization: Name }, closed);
/** Parameters of a route inside a network. */
export const inNetwork = Type.Object({ organization: Name, network: Name }, closed);
/** The query of a list without filters. */
export const paged = listQuery({});
/** The query of a list that can be narrowed to one organization. */
export const ofOrganization = listQuery({ organization: Type.Optional(Name) });
/** The operator of the service alone. */
export const ADMIN = ['admin'] as const;
/** Who decides for the organization what devices trust. */
export const APPROVERS = ['approver'] as const;
/** Who prepares networks, endpoints and inspection CAs. */
export const PREPARERS = ['approver', 'network-admin'] as const;
/** Who looks after devices. */
export const OPERATORS = ['approver', 'network-admin', 'operator'] as const;
/** Who claims devices and says where they are. */
export const CLAIMERS = ['approver', 'operator', 'installer'] as const;
/** Everybody in the organization who reads more than their own work. */
export const MEMBERS = ['approver', 'network-admin', 'operator', 'auditor'] as const;
/** Those, and the operator of the service. */
export const READERS = ['admin', ...MEMBERS] as const;

/** Who manages people: the operator of the service those of the service, an approver those of the organization. */
export const PEOPLE_MANAGERS = ['admin', 'approver'] as const;
/** Who may see them. */
export const PEOPLE_READERS = ['admin', 'approver', 'auditor'] as const;
/** Whoever has a token. */
export const EVERYBODY = ['admin', 'approver', 'network-admin', 'operator', 'installer', 'auditor'] as const;

// The second person: the rule of an organization that two have to agree, and the acts that wait for the other one.
import { Type } from 'typebox';
import { Approval, ApprovedAct, TwoPersonRule } from './approvals.ts';
import { Reason } from './forms.ts';
import { items } from './paging.ts';
import { APPROVERS, closed, inOrganization, nothing, ofOrganization, READERS, type Route } from './route.ts';

const ofApproval = Type.Object(
  { id: Type.String({ pattern: '^[0-9a-f]{32}$', description: 'the id of an approval, of "approval list"' }) },
  closed,
);
const reason = Type.Optional(Reason);
const decision = Type.Object({ reason }, closed);

/** Routes by the name of their method in the client. */
export const APPROVAL_ROUTES = {
  setTwoPersonRule: {
    method: 'POST',
    path: '/v1/organizations/:organization/two-person-rule',
    roles: APPROVERS,
    organization: 'path',
    act: 'organization.two-person-rule',
    secondPerson: 'when-weaker',
    params: inOrganization,
    query: nothing,
    body: Type.Object({ required: Type.Boolean({ description: 'true or false' }), reason }, closed),
    answer: TwoPersonRule,
    guardedBy: 'showTwoPersonRule',
  },
  showTwoPersonRule: {
    method: 'GET',
    path: '/v1/organizations/:organization/two-person-rule',
    roles: READERS,
    organization: 'path',
    act: 'organization.two-person-rule-show',
    params: inOrganization,
    query: nothing,
    body: null,
    answer: TwoPersonRule,
  },
  listApprovals: {
    method: 'GET',
    path: '/v1/approvals',
    roles: READERS,
    organization: 'query',
    act: 'approval.list',
    params: nothing,
    query: ofOrganization,
    body: null,
    answer: items(Approval),
  },
  showApproval: {
    method: 'GET',
    path: '/v1/approvals/:id',
    roles: READERS,
    organization: 'object',
    act: 'approval.show',
    params: ofApproval,
    query: nothing,
    body: null,
    answer: Approval,
  },
  approve: {
    method: 'POST',
    path: '/v1/approvals/:id/approve',
    roles: APPROVERS,
    organization: 'object',
    act: 'approval.approve',
    secret: 'see "approval show" for what was done; where it made a token, revoke that and make another',
    params: ofApproval,
    query: nothing,
    body: decision,
    answer: ApprovedAct,
    guardedBy: 'showApproval',
  },
  /** By who asked: it is withdrawn. */
  reject: {
    method: 'POST',
    path: '/v1/approvals/:id/reject',
    roles: APPROVERS,
    organization: 'object',
    act: 'approval.reject',
    params: ofApproval,
    query: nothing,
    body: decision,
    answer: Approval,
    guardedBy: 'showApproval',
  },
} as const satisfies Readonly<Record<string, Route>>;

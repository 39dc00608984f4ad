// People, their roles, tokens and sessions. An approver manages those of the organization; the operator of the service those of
// the service, and never those of an organization: who could make an approver could let a CA in.
import { Type } from 'typebox';
import { CredentialId, MAX_TOKEN_DAYS, Name, PersonName, Reason, Role } from './forms.ts';
import { items, listQuery } from './paging.ts';
import { NewToken, Person, Session, Token } from './people.ts';
import { closed, EVERYBODY, nothing, PEOPLE_MANAGERS, PEOPLE_READERS, type Route } from './route.ts';

/** Of whom: the organization's, which is a member's own when left out; for the operator of the service, the service's. */
const organization = Type.Optional(Name);
const reason = Type.Optional(Reason);
const ofPerson = Type.Object({ person: PersonName }, closed);
const credential = Type.Object({ id: CredentialId }, closed);
const withReason = Type.Object({ organization, reason }, closed);
/** `active`: those that somebody can act with now, or (false) cannot. */
const ofCredentials = listQuery({
  organization,
  person: Type.Optional(PersonName),
  active: Type.Optional(Type.Boolean({ description: 'true or false' })),
});

/** Routes by the name of their method in the client. */
export const PEOPLE_ROUTES = {
  addPerson: {
    method: 'POST',
    path: '/v1/people',
    roles: PEOPLE_MANAGERS,
    organization: 'body',
    act: 'person.add',
    secondPerson: 'for-approvers',
    params: nothing,
    query: nothing,
    body: Type.Object(
      {
        person: PersonName,
        roles: Type.Array(Role, { minItems: 1, maxItems: 5, uniqueItems: true, description: '1 to 5 roles' }),
        organization,
        reason,
      },
      closed,
    ),
    answer: Person,
  },
  listPeople: {
    method: 'GET',
    path: '/v1/people',
    roles: PEOPLE_READERS,
    organization: 'query',
    act: 'person.list',
    params: nothing,
    query: listQuery({ organization, role: Type.Optional(Role) }),
    body: null,
    answer: items(Person),
  },
  showPerson: {
    method: 'GET',
    path: '/v1/people/:person',
    roles: PEOPLE_READERS,
    organization: 'query',
    act: 'person.show',
    params: ofPerson,
    query: Type.Object({ organization }, closed),
    body: null,
    answer: Person,
  },
  disablePerson: {
    method: 'POST',
    path: '/v1/people/:person/disable',
    roles: PEOPLE_MANAGERS,
    organization: 'body',
    act: 'person.disable',
    params: ofPerson,
    query: nothing,
    body: withReason,
    answer: Person,
    guardedBy: 'showPerson',
  },
  grantRole: {
    method: 'POST',
    path: '/v1/people/:person/roles',
    roles: PEOPLE_MANAGERS,
    organization: 'body',
    act: 'person.grant',
    secondPerson: 'for-approvers',
    params: ofPerson,
    query: nothing,
    body: Type.Object({ organization, role: Role, reason }, closed),
    answer: Person,
    guardedBy: 'showPerson',
  },
  revokeRole: {
    method: 'DELETE',
    path: '/v1/people/:person/roles/:role',
    roles: PEOPLE_MANAGERS,
    organization: 'query',
    act: 'person.revoke-role',
    params: Type.Object({ person: PersonName, role: Role }, closed),
    query: withReason,
    body: null,
    answer: Person,
    guardedBy: 'showPerson',
  },
  addToken: {
    method: 'POST',
    path: '/v1/tokens',
    roles: PEOPLE_MANAGERS,
    organization: 'body',
    act: 'token.add',
    secondPerson: 'for-approvers',
    params: nothing,
    query: nothing,
    body: Type.Object(
      {
        name: Name,
        /** Left out: whoever asks. */
        person: Type.Optional(PersonName),
        /** Left out: the person's only one. */
        role: Type.Optional(Role),
        organization,
        days: Type.Optional(
          Type.Integer({ minimum: 1, maximum: MAX_TOKEN_DAYS, description: `a number from 1 to ${MAX_TOKEN_DAYS}` }),
        ),
      },
      closed,
    ),
    answer: NewToken,
    secret: 'revoke the token that was made ("token list" has it), and make another',
  },
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    roles: PEOPLE_READERS,
    organization: 'query',
    act: 'token.list',
    params: nothing,
    query: ofCredentials,
    body: null,
    answer: items(Token),
  },
  revokeToken: {
    method: 'DELETE',
    path: '/v1/tokens/:id',
    // Their own; those of others only who manages people.
    roles: EVERYBODY,
    organization: 'query',
    act: 'token.revoke',
    params: credential,
    query: withReason,
    body: null,
    answer: Token,
  },
  listSessions: {
    method: 'GET',
    path: '/v1/sessions',
    roles: PEOPLE_READERS,
    organization: 'query',
    act: 'session.list',
    params: nothing,
    query: ofCredentials,
    body: null,
    answer: items(Session),
  },
  revokeSession: {
    method: 'DELETE',
    path: '/v1/sessions/:id',
    roles: EVERYBODY,
    organization: 'query',
    act: 'session.revoke',
    params: credential,
    query: withReason,
    body: null,
    answer: Session,
  },
} as const satisfies Readonly<Record<string, Route>>;

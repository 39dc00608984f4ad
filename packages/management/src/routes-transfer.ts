// Devices that go from one organization to another, and what somebody should look at.
import { Type } from 'typebox';
import { DateOrTime, Name, SerialText } from './forms.ts';
import { AlertEntry, TransferEntry } from './manifest-schemas.ts';
import { items, listQuery } from './paging.ts';
import { LabelProof } from './proof-schemas.ts';
import { APPROVERS, closed, nothing, READERS, type Route } from './route.ts';
import { ClaimEntry } from './schemas.ts';

/** Longest time that an offer stands, in days. */
export const MAX_TRANSFER_DAYS = 90;

const inTransfer = Type.Object(
  { id: Type.String({ pattern: '^[0-9a-f]{32}$', description: 'the id of a transfer, of "transfer list"' }) },
  closed,
);

/** Routes by the name of their method in the client. */
export const TRANSFER_ROUTES = {
  offerTransfer: {
    method: 'POST',
    path: '/v1/transfers',
    roles: APPROVERS,
    organization: 'object',
    act: 'transfer.offer',
    secondPerson: 'always',
    params: nothing,
    query: nothing,
    body: Type.Object(
      {
        serial: SerialText,
        manufacturer: Type.Optional(Name),
        to: Name,
        days: Type.Optional(
          Type.Integer({ minimum: 1, maximum: MAX_TRANSFER_DAYS, description: `1 to ${MAX_TRANSFER_DAYS} days` }),
        ),
      },
      closed,
    ),
    answer: TransferEntry,
  },
  listTransfers: {
    method: 'GET',
    path: '/v1/transfers',
    roles: READERS,
    organization: 'query',
    act: 'transfer.list',
    params: nothing,
    query: listQuery({
      organization: Type.Optional(Name),
      /** Those that can be accepted now, or (false) cannot. */
      open: Type.Optional(Type.Boolean({ description: 'true or false' })),
    }),
    body: null,
    answer: items(TransferEntry),
  },
  showTransfer: {
    method: 'GET',
    path: '/v1/transfers/:id',
    roles: READERS,
    organization: 'object',
    act: 'transfer.show',
    params: inTransfer,
    query: nothing,
    body: null,
    answer: TransferEntry,
  },
  acceptTransfer: {
    method: 'POST',
    path: '/v1/transfers/:id/accept',
    roles: ['approver', 'operator'],
    organization: 'object',
    act: 'transfer.accept',
    params: inTransfer,
    query: nothing,
    body: Type.Object({ network: Type.Optional(Name), labelProof: Type.Optional(LabelProof) }, closed),
    answer: ClaimEntry,
    guardedBy: 'showTransfer',
  },
  revokeTransfer: {
    method: 'POST',
    path: '/v1/transfers/:id/revoke',
    roles: APPROVERS,
    organization: 'object',
    act: 'transfer.revoke',
    params: inTransfer,
    query: nothing,
    body: nothing,
    answer: TransferEntry,
    guardedBy: 'showTransfer',
  },
  listAlerts: {
    method: 'GET',
    path: '/v1/alerts',
    roles: READERS,
    organization: 'query',
    act: 'alert.list',
    params: nothing,
    query: listQuery({ organization: Type.Optional(Name), since: Type.Optional(DateOrTime) }),
    body: null,
    answer: items(AlertEntry),
  },
} as const satisfies Readonly<Record<string, Route>>;

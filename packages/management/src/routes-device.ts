// Devices: whose they are, and what they reported.
import { Type } from 'typebox';
import { CertificatePem, Name, SerialText } from './forms.ts';
import { items, listQuery } from './paging.ts';
import { LabelProof, UnprovedDevice } from './proof-schemas.ts';
import {
  ADMIN,
  CLAIMERS,
  closed,
  EVERYBODY,
  nothing,
  OPERATORS,
  ofOrganization,
  READERS,
  type Route,
} from './route.ts';
import { ClaimEntry, RegisteredDevice } from './schemas.ts';
import { Device } from './views.ts';

/** What devices were told last; `never`: nothing, since they are their owner's. */
const LastOutcome = Type.Union(
  [
    Type.Literal('granted'),
    Type.Literal('unclaimed'),
    Type.Literal('awaiting-approval'),
    Type.Literal('not-inspected'),
    Type.Literal('refused'),
    Type.Literal('never'),
  ],
  { description: 'granted, unclaimed, awaiting-approval, not-inspected, refused or never' },
);

/** Routes by the name of their method in the client. */
export const DEVICE_ROUTES = {
  addClaim: {
    method: 'POST',
    path: '/v1/claims',
    // Without a code whoever names a serial first would have the device: the operator of the service decides.
    roles: ADMIN,
    organization: 'body',
    act: 'claim.add',
    params: nothing,
    query: nothing,
    body: Type.Object(
      {
        serial: SerialText,
        manufacturer: Type.Optional(Name),
        organization: Name,
        network: Type.Optional(Name),
        labelProof: Type.Optional(LabelProof),
      },
      closed,
    ),
    answer: ClaimEntry,
  },
  releaseClaim: {
    method: 'POST',
    path: '/v1/claims/release',
    // Not the operator of the service: whoever has that token could take a device from its owner and claim it for others.
    roles: ['approver', 'operator'],
    organization: 'object',
    act: 'claim.release',
    params: nothing,
    query: nothing,
    body: Type.Object({ serial: SerialText, manufacturer: Type.Optional(Name) }, closed),
    answer: ClaimEntry,
    guardedBy: 'showDevice',
  },
  proveClaim: {
    method: 'POST',
    path: '/v1/devices/:serial/prove',
    roles: CLAIMERS,
    organization: 'object',
    act: 'claim.prove',
    params: Type.Object({ serial: SerialText }, closed),
    query: nothing,
    /** Without a proof the refusal says what it has to cover. */
    body: Type.Object({ manufacturer: Type.Optional(Name), labelProof: Type.Optional(LabelProof) }, closed),
    answer: ClaimEntry,
    guardedBy: 'showDevice',
  },
  listUnprovedClaims: {
    method: 'GET',
    path: '/v1/claims/unproved',
    roles: EVERYBODY,
    organization: 'query',
    act: 'claim.unproved',
    params: nothing,
    query: ofOrganization,
    body: null,
    answer: items(UnprovedDevice),
  },
  registerDevice: {
    method: 'POST',
    path: '/v1/devices',
    roles: ADMIN,
    organization: 'service',
    act: 'device.register',
    params: nothing,
    query: nothing,
    /** `serial`: to be sure; it must be that of the certificate. */
    body: Type.Object({ certificate: CertificatePem, serial: Type.Optional(SerialText) }, closed),
    answer: RegisteredDevice,
  },
  listDevices: {
    method: 'GET',
    path: '/v1/devices',
    roles: [...ADMIN, ...OPERATORS],
    organization: 'query',
    act: 'device.list',
    params: nothing,
    query: listQuery({
      organization: Type.Optional(Name),
      /** On which they are placed. */
      network: Type.Optional(Name),
      /** How their serials begin. */
      serialPrefix: Type.Optional(SerialText),
      lastOutcome: Type.Optional(LastOutcome),
      /** Owned, and on no network, or (false) on one. */
      unplaced: Type.Optional(Type.Boolean({ description: 'true or false' })),
    }),
    body: null,
    answer: items(Device),
  },
  showDevice: {
    method: 'GET',
    path: '/v1/devices/:serial',
    roles: READERS,
    organization: 'object',
    act: 'device.show',
    params: Type.Object({ serial: SerialText }, closed),
    query: Type.Object({ manufacturer: Type.Optional(Name) }, closed),
    body: null,
    answer: Device,
  },
} as const satisfies Readonly<Record<string, Route>>;

// What an organization decides: its networks, their endpoints, inspection CAs and profiles. Its network admin prepares, only
// its approver retires and publishes; the operator of the service reads.
import { type TSchema, Type } from 'typebox';
import {
  DateOrTime,
  DigestText,
  EndpointDetails,
  EndpointProtocol,
  Fingerprint,
  FingerprintWords,
  Host,
  MAX_UPLOAD_BYTES,
  Name,
  Port,
  Reason,
  RequiredReason,
  Scope,
} from './forms.ts';
import { items, listQuery } from './paging.ts';
import {
  APPROVERS,
  closed,
  inNetwork,
  inOrganization,
  nothing,
  PREPARERS,
  paged,
  READERS,
  type Route,
} from './route.ts';
import {
  Endpoint,
  InspectionCaEntry,
  InspectionCaState,
  Network,
  NetworkServices,
  PublishedProfile,
} from './schemas.ts';
import { NetworkDetail } from './views.ts';

const BASE64_BYTES_PER_GROUP = 3;
const BASE64_CHARACTERS_PER_GROUP = 4;
/** One group more than the limit, so that a file that is too large by little gets the sentence that says so. */
const MAX_UPLOAD_CHARACTERS = (Math.ceil(MAX_UPLOAD_BYTES / BASE64_BYTES_PER_GROUP) + 1) * BASE64_CHARACTERS_PER_GROUP;

const ofInspectionCa = Type.Object({ organization: Name, network: Name, fingerprint: Fingerprint }, closed);

/** The member may be left out, or null. */
const orNull = <Schema extends TSchema & { readonly description?: string }>(schema: Schema) =>
  Type.Optional(Type.Union([schema, Type.Null()], { description: `${schema.description}, or null` }));

/** Routes by the name of their method in the client. */
export const NETWORK_ROUTES = {
  addNetwork: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks',
    roles: PREPARERS,
    organization: 'path',
    act: 'network.add',
    params: inOrganization,
    query: nothing,
    body: Type.Object({ name: Name }, closed),
    answer: Network,
  },
  listNetworks: {
    method: 'GET',
    path: '/v1/organizations/:organization/networks',
    roles: READERS,
    organization: 'path',
    act: 'network.list',
    params: inOrganization,
    query: paged,
    body: null,
    answer: items(Network),
  },
  showNetwork: {
    method: 'GET',
    path: '/v1/organizations/:organization/networks/:network',
    roles: READERS,
    organization: 'path',
    act: 'network.show',
    params: inNetwork,
    query: nothing,
    body: null,
    answer: NetworkDetail,
  },
  /** What is left out stays as it is; null: it is no longer said. It sends traffic elsewhere, so only an approver does it. */
  setNetworkServices: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks/:network/services',
    roles: APPROVERS,
    organization: 'path',
    act: 'network.set',
    params: inNetwork,
    query: nothing,
    body: Type.Object(
      {
        explicitProxy: orNull(NetworkServices.properties.explicitProxy),
        noProxy: orNull(NetworkServices.properties.noProxy),
        timeServers: orNull(NetworkServices.properties.timeServers),
        dns: orNull(NetworkServices.properties.dns),
        reason: Type.Optional(Reason),
      },
      closed,
    ),
    answer: NetworkServices,
    guardedBy: 'showNetwork',
  },
  addEndpoint: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks/:network/endpoints',
    roles: PREPARERS,
    organization: 'path',
    act: 'endpoint.add',
    params: inNetwork,
    query: nothing,
    body: Type.Object(
      {
        name: Name,
        host: Host,
        port: Port,
        protocol: EndpointProtocol,
        required: Type.Boolean({ description: 'true or false' }),
        ...EndpointDetails,
      },
      closed,
    ),
    answer: Endpoint,
    guardedBy: 'showNetwork',
  },
  listEndpoints: {
    method: 'GET',
    path: '/v1/organizations/:organization/networks/:network/endpoints',
    roles: READERS,
    organization: 'path',
    act: 'endpoint.list',
    params: inNetwork,
    query: paged,
    body: null,
    answer: items(Endpoint),
  },
  removeEndpoint: {
    method: 'DELETE',
    path: '/v1/organizations/:organization/networks/:network/endpoints/:endpoint',
    roles: PREPARERS,
    organization: 'path',
    act: 'endpoint.remove',
    params: Type.Object({ organization: Name, network: Name, endpoint: Name }, closed),
    query: nothing,
    body: null,
    answer: Endpoint,
    guardedBy: 'showNetwork',
  },
  addInspectionCa: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks/:network/inspection-cas',
    roles: PREPARERS,
    organization: 'path',
    act: 'inspection-ca.add',
    params: inNetwork,
    query: nothing,
    body: Type.Object(
      {
        /** Base64 of the file as it was exported: PEM, DER or PKCS#7. */
        certificate: Type.String({
          minLength: 1,
          maxLength: MAX_UPLOAD_CHARACTERS,
          pattern: '^[A-Za-z0-9+/]*={0,2}$',
          description: 'the base64 of a file of at most 1 MiB',
        }),
        permittedNames: Type.Array(Scope, { minItems: 1, maxItems: 64, description: '1 to 64 names' }),
        excludedNames: Type.Optional(Type.Array(Scope, { maxItems: 64, description: 'at most 64 names' })),
        from: Type.Optional(DateOrTime),
        until: Type.Optional(DateOrTime),
        /** The inspection CA of the network that this one follows. */
        replaces: Type.Optional(Fingerprint),
      },
      closed,
    ),
    answer: InspectionCaEntry,
    guardedBy: 'showNetwork',
  },
  listInspectionCas: {
    method: 'GET',
    path: '/v1/organizations/:organization/networks/:network/inspection-cas',
    roles: READERS,
    organization: 'path',
    act: 'inspection-ca.list',
    params: inNetwork,
    query: listQuery({ state: Type.Optional(InspectionCaState) }),
    body: null,
    answer: items(InspectionCaEntry),
  },
  showInspectionCa: {
    method: 'GET',
    path: '/v1/organizations/:organization/networks/:network/inspection-cas/:fingerprint',
    roles: READERS,
    organization: 'path',
    act: 'inspection-ca.show',
    params: ofInspectionCa,
    query: nothing,
    body: null,
    answer: InspectionCaEntry,
  },
  retireInspectionCa: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks/:network/inspection-cas/:fingerprint/retire',
    roles: APPROVERS,
    organization: 'path',
    act: 'inspection-ca.retire',
    secondPerson: 'always',
    params: ofInspectionCa,
    query: nothing,
    body: Type.Object({ reason: Type.Optional(Reason) }, closed),
    answer: InspectionCaEntry,
    guardedBy: 'showInspectionCa',
  },
  approveInspectionCa: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks/:network/inspection-cas/:fingerprint/approve',
    roles: APPROVERS,
    organization: 'path',
    act: 'inspection-ca.approve',
    secondPerson: 'always',
    params: ofInspectionCa,
    query: nothing,
    /** One of `words` and `sha256`: the fingerprint as whoever runs the proxy confirmed it. */
    body: Type.Object(
      {
        words: Type.Optional(FingerprintWords),
        sha256: Type.Optional(Fingerprint),
        /** `content` of the draft that was looked at: one with other names or dates in its place is not approved. */
        expect: Type.Optional(DigestText),
        reason: Type.Optional(Reason),
      },
      closed,
    ),
    answer: InspectionCaEntry,
    guardedBy: 'showInspectionCa',
  },
  revokeInspectionCa: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks/:network/inspection-cas/:fingerprint/revoke',
    roles: APPROVERS,
    organization: 'path',
    act: 'inspection-ca.revoke',
    secondPerson: 'always',
    params: ofInspectionCa,
    query: nothing,
    body: Type.Object({ reason: RequiredReason }, closed),
    answer: InspectionCaEntry,
    guardedBy: 'showInspectionCa',
  },
  removeInspectionCa: {
    method: 'DELETE',
    path: '/v1/organizations/:organization/networks/:network/inspection-cas/:fingerprint',
    roles: PREPARERS,
    organization: 'path',
    act: 'inspection-ca.remove',
    params: ofInspectionCa,
    query: nothing,
    body: null,
    answer: InspectionCaEntry,
    guardedBy: 'showInspectionCa',
  },
  publishProfile: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks/:network/profiles',
    roles: APPROVERS,
    organization: 'path',
    act: 'profile.publish',
    secondPerson: 'always',
    params: inNetwork,
    query: nothing,
    body: Type.Object(
      {
        reason: Type.Optional(Reason),
        /** `content` of the draft that was looked at: something else is not published. */
        expect: Type.Optional(DigestText),
        /** Publishes although nothing changed. */
        force: Type.Optional(Type.Boolean({ description: 'true or false' })),
      },
      closed,
    ),
    answer: PublishedProfile,
    guardedBy: 'showNetwork',
  },
  listProfiles: {
    method: 'GET',
    path: '/v1/organizations/:organization/networks/:network/profiles',
    roles: READERS,
    organization: 'path',
    act: 'profile.list',
    params: inNetwork,
    query: paged,
    body: null,
    answer: items(PublishedProfile),
  },
} as const satisfies Readonly<Record<string, Route>>;

// Who signs for an organization and what they sign: publishers, drafts, the kill switch, and the jobs that these begin.
import { Type } from 'typebox';
import { CertificatePem, DateOrTime, Fingerprint, Name, Reason, RequiredReason } from './forms.ts';
import { items, listQuery } from './paging.ts';
import { Ending, Job, ProfileDraft, PublisherEntry } from './publisher-schemas.ts';
import {
  APPROVERS,
  closed,
  inNetwork,
  inOrganization,
  nothing,
  ofOrganization,
  paged,
  READERS,
  type Route,
} from './route.ts';
import { PublishedProfile } from './schemas.ts';

/** Of an envelope, in characters: that of the largest body of the protocol. */
const MAX_SIGNED_CHARACTERS = 65_536;
const MAX_FINGERPRINTS = 1_000;
const yesOrNo = Type.Optional(Type.Boolean({ description: 'true or false' }));

/** Routes by the name of their method in the client. */
export const PUBLISHER_ROUTES = {
  addPublisher: {
    method: 'POST',
    path: '/v1/organizations/:organization/publishers',
    roles: APPROVERS,
    organization: 'path',
    act: 'publisher.add',
    secondPerson: 'always',
    params: inOrganization,
    query: nothing,
    /** `certificate`: a CA of the organization; without it the service makes an anchor of its own. */
    body: Type.Object({ certificate: Type.Optional(CertificatePem), reason: Type.Optional(Reason) }, closed),
    answer: PublisherEntry,
  },
  listPublishers: {
    method: 'GET',
    path: '/v1/organizations/:organization/publishers',
    roles: READERS,
    organization: 'path',
    act: 'publisher.list',
    params: inOrganization,
    query: paged,
    body: null,
    answer: items(PublisherEntry),
  },
  showPublisher: {
    method: 'GET',
    path: '/v1/organizations/:organization/publishers/:fingerprint',
    roles: READERS,
    organization: 'path',
    act: 'publisher.show',
    params: Type.Object({ organization: Name, fingerprint: Fingerprint }, closed),
    query: nothing,
    body: null,
    answer: PublisherEntry,
  },
  removePublisher: {
    method: 'POST',
    path: '/v1/organizations/:organization/publishers/:fingerprint/remove',
    roles: APPROVERS,
    organization: 'path',
    act: 'publisher.remove',
    secondPerson: 'always',
    params: Type.Object({ organization: Name, fingerprint: Fingerprint }, closed),
    query: nothing,
    body: Type.Object({ reason: Type.Optional(Reason) }, closed),
    answer: PublisherEntry,
    guardedBy: 'showPublisher',
  },
  draftProfile: {
    method: 'GET',
    path: '/v1/organizations/:organization/networks/:network/profile-draft',
    roles: READERS,
    organization: 'path',
    act: 'profile.draft',
    params: inNetwork,
    /** `until`: the end of the certificate that will sign; the profile ends no later. */
    query: Type.Object({ until: Type.Optional(DateOrTime) }, closed),
    body: null,
    answer: ProfileDraft,
  },
  submitProfile: {
    method: 'POST',
    path: '/v1/organizations/:organization/networks/:network/profiles/submit',
    roles: APPROVERS,
    organization: 'path',
    act: 'profile.submit',
    secondPerson: 'always',
    params: inNetwork,
    query: nothing,
    body: Type.Object(
      {
        /** The text of the draft, byte for byte. */
        payload: Type.String({ minLength: 1, maxLength: MAX_SIGNED_CHARACTERS, description: 'the text of the draft' }),
        /** Base64 of the detached CMS in DER. */
        signature: Type.String({
          minLength: 1,
          maxLength: MAX_SIGNED_CHARACTERS,
          pattern: '^[A-Za-z0-9+/]+={0,2}$',
          description: 'the base64 of the signature in DER',
        }),
        reason: Type.Optional(Reason),
      },
      closed,
    ),
    answer: PublishedProfile,
    guardedBy: 'showNetwork',
  },
  killSwitch: {
    method: 'POST',
    path: '/v1/organizations/:organization/kill-switch',
    roles: APPROVERS,
    organization: 'path',
    act: 'organization.kill-switch',
    secondPerson: 'always',
    params: inOrganization,
    query: nothing,
    body: Type.Object(
      {
        reason: RequiredReason,
        /** Inspection CAs that no network keeps, nor any other with their keys, ever. */
        without: Type.Optional(
          Type.Array(Fingerprint, {
            maxItems: MAX_FINGERPRINTS,
            description: `at most ${MAX_FINGERPRINTS} fingerprints`,
          }),
        ),
        /** No network keeps any. */
        all: yesOrNo,
        /** The publishers that the service hosts are replaced by one with new keys. */
        newPublisher: yesOrNo,
        /** The organization's own publisher anchors are replaced by this one. */
        certificate: Type.Optional(CertificatePem),
      },
      closed,
    ),
    answer: Job,
  },
  listJobs: {
    method: 'GET',
    path: '/v1/jobs',
    roles: READERS,
    organization: 'query',
    act: 'job.list',
    params: nothing,
    query: listQuery({
      organization: Type.Optional(Name),
      job: Type.Optional(Type.Integer({ minimum: 1, description: 'the id of a job' })),
      state: Type.Optional(Job.properties.state),
    }),
    body: null,
    answer: items(Job),
  },
  listEndings: {
    method: 'GET',
    path: '/v1/endings',
    roles: READERS,
    organization: 'query',
    act: 'ending.list',
    params: nothing,
    query: ofOrganization,
    body: null,
    answer: items(Ending),
  },
} as const satisfies Readonly<Record<string, Route>>;

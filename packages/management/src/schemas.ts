// What requests carry and what answers contain, noun by noun. Requests refuse unknown members.
import { type Static, Type } from 'typebox';
import {
  CertificatePem,
  Count,
  DigestText,
  EndpointDetails,
  EndpointProtocol,
  Fingerprint,
  Host,
  Name,
  Port,
  Scope,
  SELF_SIGNED,
  SerialText,
  Time,
} from './forms.ts';

const TimeOrNull = Type.Union([Time, Type.Null()]);

/** A manufacturer whose anchor the service trusts for device identities. */
export const Manufacturer = Type.Object({
  name: Name,
  /** SHA-256 of the anchor's SubjectPublicKeyInfo: the `manufacturer` of a device id. */
  manufacturer: DigestText,
  fingerprint: Fingerprint,
  subject: Type.String(),
  notAfter: Time,
  certificate: CertificatePem,
});
export type Manufacturer = Static<typeof Manufacturer>;

/** A device without a manufacturer whose key the service knows. */
export const RegisteredDevice = Type.Object({
  serial: SerialText,
  manufacturer: Type.Literal(SELF_SIGNED),
  /** SHA-256 of the key's SubjectPublicKeyInfo, written as a fingerprint. */
  keyFingerprint: Fingerprint,
  fingerprint: Fingerprint,
  subject: Type.String(),
  notAfter: Time,
});
export type RegisteredDevice = Static<typeof RegisteredDevice>;

/** An organization. */
export const Organization = Type.Object({
  name: Name,
  epoch: Count,
  publisherAnchor: CertificatePem,
  /** The end of the publisher's certificate; profiles end no later. */
  publisherExpires: Time,
  created: Time,
});
export type Organization = Static<typeof Organization>;

/** A new organization with the only copy of its approver's token. */
export const NewOrganization = Type.Object({
  name: Name,
  epoch: Count,
  approverToken: Type.String(),
  publisherAnchor: CertificatePem,
  publisherExpires: Time,
  created: Time,
});
export type NewOrganization = Static<typeof NewOrganization>;

/** A network of an organization. */
export const Network = Type.Object({
  organization: Name,
  name: Name,
  /** The sequence of the last published profile, 0 before the first. */
  sequence: Count,
  created: Time,
});
export type Network = Static<typeof Network>;

/** A destination that devices on the network must reach. Spec section 4. */
export const Endpoint = Type.Object({
  name: Name,
  host: Type.String(),
  port: Type.Integer(),
  protocol: EndpointProtocol,
  required: Type.Boolean(),
  ...EndpointDetails,
});
export type Endpoint = Static<typeof Endpoint>;

const Hosts = Type.Array(Host, { minItems: 1, maxItems: 8, description: '1 to 8 names or addresses' });
const ProxyAddress = Type.Object(
  { host: Host, port: Port, tls: Type.Optional(Type.Boolean({ description: 'true or false' })) },
  {
    additionalProperties: false,
    description: 'an object with host, port and, for a proxy that is spoken to over TLS, tls',
  },
);

/** What a network offers devices beside its way out; goes with the next publication. Spec section 4, L10. */
export const NetworkServices = Type.Object({
  explicitProxy: Type.Optional(ProxyAddress),
  noProxy: Type.Optional(Type.Array(Scope, { minItems: 1, maxItems: 64, description: '1 to 64 scopes' })),
  timeServers: Type.Optional(Hosts),
  dns: Type.Optional(Hosts),
});
export type NetworkServices = Static<typeof NetworkServices>;

/**
 * draft: somebody added it; approved: goes with the next publication; active: published; retiring: goes with the next publication; retired:
 * gone; revoked: as retired, and its key is never taken again; expired: its end has passed.
 */
export const InspectionCaState = Type.Union([
  Type.Literal('draft'),
  Type.Literal('approved'),
  Type.Literal('active'),
  Type.Literal('retiring'),
  Type.Literal('retired'),
  Type.Literal('revoked'),
  Type.Literal('expired'),
]);
export type InspectionCaState = Static<typeof InspectionCaState>;

/** root: signed by itself; issuing: by another CA. */
export const InspectionCaRole = Type.Union([Type.Literal('root'), Type.Literal('issuing')]);
export type InspectionCaRole = Static<typeof InspectionCaRole>;

/** An inspection CA of a network, with the scope it is given. */
export const InspectionCaEntry = Type.Object({
  fingerprint: Fingerprint,
  /** The fingerprint as 24 words of the English list of BIP 39, to be read aloud. */
  words: Type.String(),
  subject: Type.String(),
  role: InspectionCaRole,
  keyDigest: DigestText,
  notAfter: Time,
  from: Time,
  until: Time,
  permittedNames: Type.Array(Scope),
  excludedNames: Type.Array(Scope),
  state: InspectionCaState,
  /** SHA-256 of what is approved: the certificate, its names and its dates. */
  content: DigestText,
  /** The CA of this network that it follows, and the one that follows it. */
  predecessor: Type.Union([Fingerprint, Type.Null()]),
  successor: Type.Union([Fingerprint, Type.Null()]),
  warnings: Type.Array(Type.String()),
  added: Time,
  approved: TimeOrNull,
  /** The sequence it was first published with, and the one that told devices to drop it. */
  published: Type.Union([Count, Type.Null()]),
  dropped: Type.Union([Count, Type.Null()]),
  certificate: CertificatePem,
});
export type InspectionCaEntry = Static<typeof InspectionCaEntry>;

/** One publication of a network's security profile. */
export const PublishedProfile = Type.Object({
  organization: Name,
  network: Name,
  epoch: Count,
  sequence: Count,
  digest: DigestText,
  inspectionCas: Type.Array(
    Type.Object({
      fingerprint: Fingerprint,
      subject: Type.String(),
      permittedNames: Type.Array(Scope),
      excludedNames: Type.Array(Scope),
      from: Time,
      until: Time,
    }),
  ),
  /** SHA-256 of the SubjectPublicKeyInfo of each CA that devices drop. */
  retired: Type.Array(DigestText),
  issued: Time,
  expires: Time,
  /** What differs from the publication before, a line each. */
  changes: Type.Array(Type.String()),
  reason: Type.Union([Type.String(), Type.Null()]),
  /** What the approver should know when publishing, a sentence each; empty in lists. */
  warnings: Type.Array(Type.String()),
});
export type PublishedProfile = Static<typeof PublishedProfile>;

/** Who owns a device, after a claim or release. */
export const ClaimEntry = Type.Object({
  serial: SerialText,
  manufacturer: Name,
  organization: Type.Union([Name, Type.Null()]),
  network: Type.Union([Name, Type.Null()]),
  ownership: Count,
  generation: Count,
  expires: Time,
});
export type ClaimEntry = Static<typeof ClaimEntry>;

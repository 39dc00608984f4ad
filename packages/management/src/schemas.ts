// What requests carry and what answers contain, noun by noun. Requests refuse unknown members.
import { type Static, Type } from 'typebox';
import {
  CertificatePem,
  Count,
  DigestText,
  EndpointProtocol,
  Fingerprint,
  Name,
  Scope,
  SELF_SIGNED,
  SerialText,
  Time,
} from './forms.ts';

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
});
export type Endpoint = Static<typeof Endpoint>;

/** An inspection CA of a network, with the scope it is given. */
export const InspectionCaEntry = Type.Object({
  fingerprint: Fingerprint,
  subject: Type.String(),
  keyDigest: DigestText,
  notAfter: Time,
  from: Time,
  until: Time,
  permittedNames: Type.Array(Scope),
  excludedNames: Type.Array(Scope),
  /** draft: not published yet; active: in the current profile; retiring: goes with the next publication; retired: gone. */
  state: Type.Union([Type.Literal('draft'), Type.Literal('active'), Type.Literal('retiring'), Type.Literal('retired')]),
  warnings: Type.Array(Type.String()),
  added: Time,
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

// What the routes about publishers, drafts, jobs and endings carry and answer.
import { type Static, Type } from 'typebox';
import { CertificatePem, Count, DigestText, Fingerprint, Name, Time } from './forms.ts';
import { PublishedProfile } from './schemas.ts';

const NameOrNull = Type.Union([Name, Type.Null()]);
const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** A publisher anchor of an organization: what its claims name. */
export const PublisherEntry = Type.Object({
  organization: Name,
  /** SHA-256 of the anchor's certificate. */
  fingerprint: Fingerprint,
  keyDigest: DigestText,
  subject: Type.String(),
  /** hosted: the service has its key; own: a CA of the organization. */
  kind: Type.Union([Type.Literal('hosted'), Type.Literal('own')]),
  /** coming: not every claim names it yet, so nothing is signed under it; ending: claims of the next epoch do not name it. */
  state: Type.Union([Type.Literal('active'), Type.Literal('coming'), Type.Literal('ending')]),
  /** The end of the publisher's certificate, or of the anchor where the publisher is the organization's own. */
  expires: Time,
  added: Time,
  warnings: Type.Array(Type.String()),
  certificate: CertificatePem,
});
export type PublisherEntry = Static<typeof PublisherEntry>;

/** What would be published for a network now, before anybody signed it. */
export const ProfileDraft = Type.Object({
  organization: Name,
  network: Name,
  epoch: Count,
  sequence: Count,
  /** The exact text that is to be signed. */
  payload: Type.String(),
  /** Of the payload. */
  digest: DigestText,
  /** Of what devices would trust: the same as long as nothing of it changes. */
  content: DigestText,
  inspectionCas: PublishedProfile.properties.inspectionCas,
  retired: Type.Array(DigestText),
  issued: Time,
  expires: Time,
  /** What differs from the last publication, a line each. */
  changes: Type.Array(Type.String()),
  warnings: Type.Array(Type.String()),
  /** service: `profile publish` signs it; organization: it is signed elsewhere and submitted. */
  signedBy: Type.Union([Type.Literal('service'), Type.Literal('organization')]),
});
export type ProfileDraft = Static<typeof ProfileDraft>;

/** Work that goes on after the request that asked for it. */
export const Job = Type.Object({
  id: Count,
  organization: Name,
  /** publishers: claims name the publishers of now; kill-switch: a new epoch begins. */
  kind: Type.Union([Type.Literal('publishers'), Type.Literal('kill-switch')]),
  epoch: Count,
  reason: TextOrNull,
  actor: Type.String(),
  /** waiting: for people; `note` says for what. */
  state: Type.Union([Type.Literal('running'), Type.Literal('waiting'), Type.Literal('done')]),
  /** Claims and profiles that are signed, of `total`. */
  done: Count,
  total: Count,
  note: TextOrNull,
  created: Time,
  changed: Time,
});
export type Job = Static<typeof Job>;

/** Something that ends soon, and who has to do something about it. */
export const Ending = Type.Object({
  organization: NameOrNull,
  network: NameOrNull,
  what: Type.Union([
    Type.Literal('profile'),
    Type.Literal('publisher'),
    Type.Literal('claims'),
    Type.Literal('proofs'),
  ]),
  /** How many end: claims, or claims that cannot be signed anew without a label proof; otherwise 1. */
  count: Count,
  /** When the first of them does. */
  ends: Time,
  /** service: it will be signed anew by itself. */
  who: Type.Union([Type.Literal('service'), Type.Literal('organization'), Type.Literal('operator')]),
  sentence: Type.String(),
});
export type Ending = Static<typeof Ending>;

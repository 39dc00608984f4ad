// What operators look at: devices, observations, the audit, the service's health. Nothing here can be written.
import { type Static, Type } from 'typebox';
import { CertificatePem, Count, DigestText, Fingerprint, Name, SerialText, Time } from './forms.ts';

const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const TimeOrNull = Type.Union([Time, Type.Null()]);

/** The last report of a device. Spec section 4, `report`. */
export const DeviceReport = Type.Object({
  time: Time,
  counter: Count,
  phases: Type.Array(Type.String()),
  code: TextOrNull,
  profile: Type.Union([DigestText, Type.Null()]),
  stores: Type.Array(
    Type.Object({
      name: Type.String(),
      kind: Type.String(),
      state: Type.String(),
      scopeEnforced: Type.Boolean(),
      anchors: Type.Array(DigestText),
      detail: Type.Optional(Type.String()),
    }),
  ),
  removed: Type.Array(DigestText),
  endpoints: Type.Array(
    Type.Object({
      name: Type.String(),
      verdict: Type.String(),
      stage: Type.Optional(Type.String()),
      detail: Type.Optional(Type.String()),
    }),
  ),
});
export type DeviceReport = Static<typeof DeviceReport>;

/** A device that is claimed, was seen, or is registered. Numbers are 0 and texts null where nothing is known yet. */
export const Device = Type.Object({
  serial: SerialText,
  /** `self-signed` for a registered device that has none. */
  manufacturer: Name,
  organization: Type.Union([Name, Type.Null()]),
  network: Type.Union([Name, Type.Null()]),
  generation: Count,
  ownership: Count,
  claimExpires: TimeOrNull,
  firstSeen: TimeOrNull,
  lastSeen: TimeOrNull,
  lastOutcome: TextOrNull,
  /** SHA-256 of the device key's SubjectPublicKeyInfo, written as a fingerprint. */
  keyFingerprint: Type.Union([Fingerprint, Type.Null()]),
  lastReport: Type.Union([DeviceReport, Type.Null()]),
});
export type Device = Static<typeof Device>;

/** What claimed devices were presented that no inspection CA of their owner had signed; grouped by issuer key. */
export const Observation = Type.Object({
  organization: Name,
  /** Distinguished name of who issued the topmost presented certificate. A name is no evidence. */
  issuer: Type.String(),
  /** SHA-256 of the topmost presented certificate. */
  fingerprint: Fingerprint,
  issuerKeyId: TextOrNull,
  topIsCa: Type.Boolean(),
  devices: Count,
  /** The first ten. */
  serials: Type.Array(SerialText),
  firstSeen: Time,
  lastSeen: Time,
  certificate: CertificatePem,
});
export type Observation = Static<typeof Observation>;

/** One line of the audit: an act or a refusal. `hash` covers the line and `previousHash`. */
export const AuditEntry = Type.Object({
  id: Count,
  time: Time,
  /** The name of the token, or "anonymous", or "system". */
  actor: Type.String(),
  role: Type.String(),
  address: Type.String(),
  act: Type.String(),
  outcome: Type.Union([Type.Literal('done'), Type.Literal('refused')]),
  organization: Type.Union([Type.String(), Type.Null()]),
  object: Type.String(),
  detail: Type.Record(Type.String(), Type.Unknown()),
  previousHash: Type.String(),
  hash: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;

/** A page of the audit, newest first, and whether the whole chain still holds. */
export const AuditPage = Type.Object({
  entries: Type.Array(AuditEntry),
  chain: Type.Union([Type.Literal('intact'), Type.Object({ brokenAt: Count })]),
});
export type AuditPage = Static<typeof AuditPage>;

const SignerHealth = Type.Object({ expires: TimeOrNull, warnings: Type.Array(Type.String()) });

/** Whether the service can do its work, and what will soon stop it. */
export const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('warning')]),
  version: Type.String(),
  service: Type.String(),
  /** The end of the last responder certificate in store. */
  responder: SignerHealth,
  claimAuthority: SignerHealth,
});
export type Health = Static<typeof Health>;

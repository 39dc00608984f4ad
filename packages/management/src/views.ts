// What operators look at: devices, the service's health. Nothing here can be written.
import { type Static, Type } from 'typebox';
import { Count, DigestText, Fingerprint, Name, SerialText, Time } from './forms.ts';
import { Endpoint, InspectionCaEntry, Network, NetworkServices } from './schemas.ts';

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

/** A device was told to drop what it had of a former owner; `reported`: when it said that it did, and how many anchors it dropped. */
const Purge = Type.Object({
  former: Name,
  since: Time,
  reported: TimeOrNull,
  removed: Count,
});

/** A device that is claimed, was seen, or is registered. Numbers are 0 and texts null where nothing is known yet. */
export const Device = Type.Object({
  serial: SerialText,
  /** `self-signed` for a registered device that has none. */
  manufacturer: Name,
  organization: Type.Union([Name, Type.Null()]),
  network: Type.Union([Name, Type.Null()]),
  /** What its owner calls it. */
  name: TextOrNull,
  generation: Count,
  ownership: Count,
  claimExpires: TimeOrNull,
  firstSeen: TimeOrNull,
  lastSeen: TimeOrNull,
  lastOutcome: TextOrNull,
  /** SHA-256 of the device key's SubjectPublicKeyInfo, written as a fingerprint. */
  keyFingerprint: Type.Union([Fingerprint, Type.Null()]),
  lastReport: Type.Union([DeviceReport, Type.Null()]),
  /** Why it had no valid answer before it last said so: since when by its own clock, and when it said so. Spec M7. */
  lastTrouble: Type.Union([Type.Object({ code: Type.String(), since: Time, until: Time }), Type.Null()]),
  /** Only of one device, for its former owner and the operator of the service: since it has another owner, or none. */
  purge: Type.Optional(Purge),
});
export type Device = Static<typeof Device>;

/** A network with all that its next publication is made of. */
export const NetworkDetail = Type.Object({
  ...Network.properties,
  endpoints: Type.Array(Endpoint),
  services: NetworkServices,
  /** Those that are neither retired nor revoked. */
  inspectionCas: Type.Array(Type.Pick(InspectionCaEntry, ['fingerprint', 'subject', 'state', 'until'])),
});
export type NetworkDetail = Static<typeof NetworkDetail>;

const SignerHealth = Type.Object({ expires: TimeOrNull, warnings: Type.Array(Type.String()) });

/** Whether the service can do its work, and what will soon stop it. */
export const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('warning')]),
  version: Type.String(),
  service: Type.String(),
  /** The end of the last responder certificate in store. */
  responder: SignerHealth,
  claimAuthority: SignerHealth,
  /** What ends soon because nobody renews it, and which keys this instance lacks; a sentence each. */
  endings: Type.Array(Type.String()),
});
export type Health = Static<typeof Health>;

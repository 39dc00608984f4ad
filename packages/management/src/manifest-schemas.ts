// What a manifest row says, what became of it, and what claims, transfers and alerts answer.
import { type Static, Type } from 'typebox';
import { Count, DigestText, Fingerprint, Name, SerialText, Time } from './forms.ts';

/** Most rows that one request brings. */
export const MAX_MANIFEST_ROWS = 500;

const MAX_FIELD_CHARACTERS = 16_384;

/** A field of a row as it stands in the file: what it must be is judged by the service, which names line and field. */
const Field = Type.Optional(Type.String({ maxLength: MAX_FIELD_CHARACTERS, description: 'text' }));

/** One row of a manifest, as it stands in the file. */
export const ManifestRow = Type.Object(
  {
    /** Where it stands in the file, from 1. */
    line: Type.Integer({ minimum: 1, description: 'the number of a line' }),
    serial: Field,
    manufacturer: Field,
    model: Field,
    publicKey: Field,
    certificate: Field,
    claimCodeHash: Field,
    organization: Field,
    orderNumber: Field,
    labelProof: Field,
  },
  { additionalProperties: false, description: 'a row of a manifest' },
);
export type ManifestRow = Static<typeof ManifestRow>;

/** What is wrong with one row. */
export const ManifestFault = Type.Object({
  line: Type.Integer(),
  /** The column, as files name it. */
  field: Type.String(),
  problem: Type.String(),
});
export type ManifestFault = Static<typeof ManifestFault>;

/** What the rows of one request are, or were. With faults nothing of the request was imported. */
export const ManifestResult = Type.Object({
  added: Count,
  /** A dead code that a new one took the place of. */
  renewed: Count,
  unchanged: Count,
  faults: Type.Array(ManifestFault),
  /** SHA-256 of each row's key, in their order; null where it cannot be read. */
  keys: Type.Array(Type.Union([DigestText, Type.Null()])),
});
export type ManifestResult = Static<typeof ManifestResult>;

/** A device as its manufacturer announced it. */
export const ManifestEntry = Type.Object({
  serial: SerialText,
  manufacturer: Name,
  model: Type.Union([Type.String(), Type.Null()]),
  keyFingerprint: Fingerprint,
  /** none: the label has no code; ready: it can be claimed with it; used: it was claimed since. */
  code: Type.Union([Type.Literal('none'), Type.Literal('ready'), Type.Literal('used')]),
  labelProof: Type.Boolean(),
  organization: Type.Union([Name, Type.Null()]),
  orderNumber: Type.Union([Type.String(), Type.Null()]),
  imported: Time,
});
export type ManifestEntry = Static<typeof ManifestEntry>;

/** A part of an order was claimed. */
export const OrderClaims = Type.Object({
  claimed: Type.Array(SerialText),
  /** Whether devices of the order are left that nobody owns: ask again. */
  more: Type.Boolean(),
  /** Devices of the order that nobody owns and that need a label proof each: they are not claimed by the order. */
  unproved: Count,
});
export type OrderClaims = Static<typeof OrderClaims>;

/** An order number, as the manufacturer writes it. */
export const OrderNumber = Type.String({
  pattern: '^[!-~]([ -~]{0,62}[!-~])?$',
  description: 'an order number: 1 to 64 printable ASCII characters that neither start nor end with a space',
});

/** What people call a device. */
export const DeviceLabel = Type.String({
  minLength: 1,
  maxLength: 63,
  pattern: '^[^\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]+$',
  description: 'a name of 1 to 63 characters without control characters',
});

/** A device that its owner offers. Whom it is offered to sees who offers and the serial, and nothing else of it. */
export const TransferEntry = Type.Object({
  id: Type.String(),
  serial: SerialText,
  from: Name,
  to: Name,
  offered: Time,
  /** The last second in which it can be accepted. */
  expires: Time,
  /** void: the device changed hands otherwise. */
  state: Type.Union([
    Type.Literal('open'),
    Type.Literal('accepted'),
    Type.Literal('revoked'),
    Type.Literal('expired'),
    Type.Literal('void'),
  ]),
});
export type TransferEntry = Static<typeof TransferEntry>;

/** A replacement: which device is released and which one has its place. */
export const Replacement = Type.Object({
  serial: SerialText,
  replacement: SerialText,
  network: Type.Union([Name, Type.Null()]),
  name: Type.Union([Type.String(), Type.Null()]),
});
export type Replacement = Static<typeof Replacement>;

/** Something that somebody should look at. */
export const AlertEntry = Type.Object({
  /** The entry of the audit. */
  id: Count,
  time: Time,
  kind: Type.String(),
  actor: Type.String(),
  address: Type.String(),
  object: Type.String(),
  detail: Type.Record(Type.String(), Type.Unknown()),
});
export type AlertEntry = Static<typeof AlertEntry>;

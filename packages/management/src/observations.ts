// What requests and answers say of observations: what inspected claimed devices and nobody approved, and what people said of it.
import { type Static, Type } from 'typebox';
import { CertificatePem, Count, Fingerprint, Name, SerialText, Time } from './forms.ts';
import { InspectionCaState } from './schemas.ts';

const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const TimeOrNull = Type.Union([Time, Type.Null()]);

/** How an observation is named: the same as long as the same key, or what says the same of itself, is observed. */
export const ObservationId = Type.String({
  pattern: '^[0-9a-f]{32}$',
  description: 'the 32 hexadecimal digits that a list names it by',
});

/** What somebody asks of the approvers. */
export const Note = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^[^\\u0000-\\u001F\\u007F]*$',
  description: '1 to 500 characters without control characters',
});

/** The registered inspection CA that somebody found behind an observation. It says nothing about trust; the state of the CA does. */
const ObservationLink = Type.Object({
  network: Name,
  fingerprint: Fingerprint,
  subject: Type.String(),
  state: InspectionCaState,
  /** false: something was presented since that this CA did not sign. */
  whole: Type.Boolean(),
});

/** What claimed devices were presented that no inspection CA of their owner had signed; grouped by issuer key. */
export const Observation = Type.Object({
  id: ObservationId,
  organization: Name,
  /** Where the devices are placed that met it. */
  networks: Type.Array(Name),
  /** Distinguished name of who issued the topmost presented certificate. A name is no evidence. */
  issuer: Type.String(),
  /** SHA-256 of the topmost presented certificate. */
  fingerprint: Fingerprint,
  issuerKeyId: TextOrNull,
  topIsCa: Type.Boolean(),
  /** 0: it is remembered for what was said of it, and no device has it any more. */
  devices: Count,
  /** The first ten. */
  serials: Type.Array(SerialText),
  firstSeen: Time,
  lastSeen: Time,
  certificate: CertificatePem,
  /** What was said of it: the most serious of what holds now. */
  state: Type.Union([
    Type.Literal('new'),
    Type.Literal('linked'),
    Type.Literal('asked'),
    Type.Literal('ignored'),
    Type.Literal('hostile'),
  ]),
  link: Type.Union([ObservationLink, Type.Null()]),
  note: TextOrNull,
  ignoredUntil: TimeOrNull,
});
export type Observation = Static<typeof Observation>;

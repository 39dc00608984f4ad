// The forms of values of section 2: what a digest, a time, a host, a scope is, as branded types with one parser each.
import { createHash } from 'node:crypto';
import { isDnsName, isScopeEntry, parseIp, readDer } from '@windlass/x509';
import { check } from './errors.ts';
import { type Codec, integer, object, textual } from './schema.ts';
import { refusedAs } from './x509-errors.ts';

/** Seconds since 1970-01-01T00:00:00Z, without leap seconds, up to the year 9999. */
export type UnixSeconds = number & { readonly __unixSeconds: never };
/** Canonical base64 of a SHA-256. */
export type Digest = string & { readonly __digest: never };
/** Canonical base64 of 32 random bytes. */
export type Nonce = string & { readonly __nonce: never };
/** An `id`: of an organization. */
export type OrganizationId = string & { readonly __organizationId: never };
/** An `id`: of a network, unique in its organization. */
export type NetworkId = string & { readonly __networkId: never };
/** The subject serialNumber of a device: 1 to 64 printable ASCII characters, no space at either end. */
export type Serial = string & { readonly __serial: never };
/** The DNS name of the service, in lower case; the audience of every message. */
export type ServiceName = string & { readonly __serviceName: never };

/** Which device: its manufacturer's anchor by the SHA-256 of its SPKI, and its serial. @see spec F6 */
export interface DeviceId {
  readonly manufacturer: Digest;
  readonly serial: Serial;
}

/** Both name the same device. */
export function isSameDevice(a: DeviceId, b: DeviceId): boolean {
  return a.manufacturer === b.manufacturer && a.serial === b.serial;
}

const LAST_SECOND = 253_402_300_799;
const DIGEST = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const SERIAL = /^[!-~](?:[ -~]{0,62}[!-~])?$/;

/** The SHA-256 of `data`; a string is taken as UTF-8. */
export function digestOf(data: Uint8Array | string): Digest {
  return createHash('sha256').update(data).digest('base64') as Digest;
}

/** `value` is canonical base64 of 32 bytes. @throws ProtocolError `schema` */
export function parseDigest(value: unknown, where = 'The digest'): Digest {
  return parseForm(value, where, (given) => DIGEST.test(given), 'base64 of 32 bytes');
}

/** `value` is canonical base64 of 32 bytes. @throws ProtocolError `schema` */
export function parseNonce(value: unknown, where = 'The nonce'): Nonce {
  return parseForm(value, where, (given) => DIGEST.test(given), 'base64 of 32 bytes');
}

/** `seconds` is a whole second of the years 1970 to 9999. @throws ProtocolError `schema` */
export function unixSeconds(seconds: number): UnixSeconds {
  const fits = Number.isInteger(seconds) && seconds >= 0 && seconds <= LAST_SECOND;
  check(fits, 'schema', 'The time is not a whole second of the years 1970 to 9999.'); // spec F4
  return seconds as UnixSeconds;
}

/** The time of a text like `2026-01-31T08:00:00Z`, which is a real calendar date. @throws ProtocolError `schema` */
export function parseTime(value: unknown, where = 'The time'): UnixSeconds {
  const seconds = typeof value === 'string' && TIME.test(value) ? Date.parse(value) / 1000 : Number.NaN;
  const real = seconds >= 0 && formatTime(seconds as UnixSeconds) === value;
  check(real, 'schema', `${where} is not a time like 2026-01-31T08:00:00Z.`); // spec F4
  return unixSeconds(seconds);
}

/** The text of a time, which `parseTime` reads. */
export function formatTime(time: UnixSeconds): string {
  return `${new Date(time * 1000).toISOString().slice(0, 19)}Z`;
}

/** `value` names an organization, network, endpoint, store or stage. @throws ProtocolError `schema` */
export function parseId(value: unknown, where = 'The name'): string {
  return parseName(value, where);
}

/** `value` names an organization. @throws ProtocolError `schema` */
export function parseOrganizationId(value: unknown, where = 'The organization'): OrganizationId {
  return parseName(value, where);
}

/** `value` names a network. @throws ProtocolError `schema` */
export function parseNetworkId(value: unknown, where = 'The network'): NetworkId {
  return parseName(value, where);
}

/** `value` is a device's serial. @throws ProtocolError `schema` */
export function parseSerial(value: unknown, where = 'The serial'): Serial {
  return parseForm(
    value,
    where,
    (given) => SERIAL.test(given),
    '1 to 64 printable ASCII characters, without a space at an end',
  );
}

/** `value` is a DNS name in lower case, which can stand in a certificate. @throws ProtocolError `schema` */
export function parseServiceName(value: unknown, where = 'The service name'): ServiceName {
  return parseForm(value, where, isDnsName, 'a DNS name in lower case');
}

/** `value` is a DNS name in lower case or an IP address. @throws ProtocolError `schema` */
export function parseHost(value: unknown, where = 'The host'): string {
  return parseForm(value, where, isHost, 'a DNS name in lower case or an IP address');
}

/** `value` is `*`, a host, or an IP prefix like `10.0.0.0/8`. @throws ProtocolError `schema` */
export function parseScope(value: unknown, where = 'The scope'): string {
  const isScope = (given: string) => !/[A-Z]|\.$/.test(given) && isScopeEntry(given);
  return parseForm(value, where, isScope, '*, a host or an IP prefix');
}

/** `value` has 0 to `max` bytes of UTF-8 and no control character. @throws ProtocolError `schema` */
export function parseText(value: unknown, where: string, max: number, min = 0): string {
  const isText = (given: string) =>
    !/\p{Control}/u.test(given) && Buffer.byteLength(given) >= min && Buffer.byteLength(given) <= max;
  return parseForm(value, where, isText, `text of ${min} to ${max} bytes`);
}

/** The bytes of canonical base64, which are a DER SEQUENCE as long as its header says. @throws ProtocolError `schema` */
export function parseDer(value: unknown, where = 'The value'): Uint8Array {
  const bytes = Buffer.from(parseBase64(value, where), 'base64');
  const { tag } = refusedAs(
    () => 'schema',
    () => readDer(bytes),
    `${where} is not DER.`,
  );
  check(tag === 0x30, 'schema', `${where} is not a DER sequence.`); // spec F4
  return new Uint8Array(bytes);
}

/** `value` is canonical base64 of something. @throws ProtocolError `schema` */
export function parseBase64(value: unknown, where = 'The value'): string {
  const isCanonical = (given: string) => given !== '' && Buffer.from(given, 'base64').toString('base64') === given;
  return parseForm(value, where, isCanonical, 'base64');
}

export const digest = textual(parseDigest);
export const nonce = textual(parseNonce);
export const time = textual(parseTime, formatTime);
export const id = textual(parseId);
export const organizationId = textual(parseOrganizationId);
export const networkId = textual(parseNetworkId);
export const serial = textual(parseSerial);
export const serviceName = textual(parseServiceName);
export const host = textual(parseHost);
export const scope = textual(parseScope);
export const der: Codec<Uint8Array> = textual(parseDer, (bytes) => Buffer.from(bytes).toString('base64'));
export const deviceId: Codec<DeviceId> = object({ manufacturer: digest, serial });
export const hostAndPort = object({ host, port: integer(65_535, 1) });

/** Text of `min` to `max` bytes. */
export function text(max: number, min = 0): Codec<string> {
  return textual((value, where) => parseText(value, where, max, min));
}

function isHost(value: string): boolean {
  return isDnsName(value) || (parseIp(value) !== undefined && !/[A-F]/.test(value));
}

function parseName<T extends string>(value: unknown, where: string): T {
  return parseForm(value, where, (given) => ID.test(given), '1 to 63 of A-Z a-z 0-9 . _ -, a letter or digit first');
}

/** Every form of text: `value` is one for which `fits` holds. */
function parseForm<T extends string>(value: unknown, where: string, fits: (given: string) => boolean, form: string): T {
  check(typeof value === 'string' && fits(value), 'schema', `${where} is not ${form}.`); // spec F4
  return value as T;
}

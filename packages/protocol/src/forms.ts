// The forms of values of section 2: what a digest, a time, a host, a scope is, as branded types with one parser each.
import { createHash } from 'node:crypto';
import { isDnsName, isScopeEntry, parseIp, readDer } from '@windlass/x509';
import { base64Of, bytesOf } from './bytes.ts';
import { checkForm } from './errors.ts';
import { boolean, type Codec, integer, isWithin, object, textForm, withFormat } from './schema.ts';
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
export const isSameDevice = (a: DeviceId, b: DeviceId): boolean =>
  a.manufacturer === b.manufacturer && a.serial === b.serial;

const LAST_SECOND = 253_402_300_799;

/** The SHA-256 of `data`; a string is taken as UTF-8. */
export const digestOf = (data: Uint8Array | string): Digest =>
  createHash('sha256').update(data).digest('base64') as Digest;

/** A codec of text that matches `pattern`. */
function pattern<T extends string>(expression: RegExp, name?: string): Codec<T> {
  return textForm((text) => expression.test(text), name);
}

const BYTES_32 = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** The value is canonical base64 of 32 bytes. @throws ProtocolError `schema` */
export const parseDigest: Codec<Digest> = pattern(BYTES_32);

/** The value is canonical base64 of 32 bytes. @throws ProtocolError `schema` */
export const parseNonce: Codec<Nonce> = pattern(BYTES_32);

/** The value names an organization, network, endpoint, store or stage. @throws ProtocolError `schema` */
export const parseId: Codec<string> = pattern(ID, 'name');

/** The value names an organization. @throws ProtocolError `schema` */
export const parseOrganizationId: Codec<OrganizationId> = pattern(ID, 'organization');

/** The value names a network. @throws ProtocolError `schema` */
export const parseNetworkId: Codec<NetworkId> = pattern(ID, 'network');

/** The value is a device's serial. @throws ProtocolError `schema` */
export const parseSerial: Codec<Serial> = pattern(/^[!-~](?:[ -~]{0,62}[!-~])?$/, 'serial');

/** The value is a DNS name in lower case, which can stand in a certificate. @throws ProtocolError `schema` */
export const parseServiceName: Codec<ServiceName> = textForm(isDnsName, 'service name');

/** The value is a DNS name in lower case or an IP address. @throws ProtocolError `schema` */
export const parseHost: Codec<string> = textForm(isHost, 'host');

/** The value is `*`, a host, or an IP prefix like `10.0.0.0/8`. @throws ProtocolError `schema` */
export const parseScope: Codec<string> = textForm((text) => !/[A-Z]|\.$/.test(text) && isScopeEntry(text), 'scope');

/** The value is canonical base64 of something. @throws ProtocolError `schema` */
export const parseBase64: Codec<string> = textForm(
  (text) => text !== '' && base64Of(bytesOf(text, 'base64')) === text,
  'base64',
);

/** The bytes of canonical base64, which are a DER SEQUENCE as long as its header says. @throws ProtocolError `schema` */
export const parseDer: Codec<Uint8Array> = withFormat((value) => {
  const bytes = new Uint8Array(bytesOf(parseBase64(value), 'base64'));
  const { tag } = refusedAs('schema', () => readDer(bytes));
  checkForm(tag === 0x30); // spec F4
  return bytes;
}, base64Of);

/** `seconds` is a whole second of the years 1970 to 9999. @throws ProtocolError `schema` */
export function unixSeconds(seconds: number): UnixSeconds {
  checkForm(Number.isInteger(seconds) && isWithin(seconds, LAST_SECOND, 0), 'time'); // spec F4
  return seconds as UnixSeconds;
}

/** The text of a time, which `parseTime` reads. */
export function formatTime(time: UnixSeconds): string {
  return `${new Date(time * 1000).toISOString().slice(0, 19)}Z`;
}

/** The time of a text like `2026-01-31T08:00:00Z`, which is a real calendar date. @throws ProtocolError `schema` */
export const parseTime: Codec<UnixSeconds> = withFormat((value) => {
  const seconds = unixSeconds(typeof value === 'string' ? Date.parse(value) / 1000 : Number.NaN);
  checkForm(formatTime(seconds) === value, 'time'); // spec F4
  return seconds;
}, formatTime);

export const deviceId: Codec<DeviceId> = object({ manufacturer: parseDigest, serial: parseSerial });
export const hostAndPort = { host: parseHost, port: integer(65_535, 1) };

/** An explicit proxy; `tls`: it is spoken to over TLS. @see spec L10 */
export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
  readonly tls?: boolean;
}

export const proxyAddress: Codec<ProxyAddress> = object({ ...hostAndPort, 'tls?': boolean });

/** The value is the path of a URL, with a query or without. @throws ProtocolError `schema` */
export const parseUrlPath: Codec<string> = pattern(/^\/[!-"$-~]{0,199}$/, 'path');

/** Text of `min` to `max` bytes of UTF-8, without a control character. */
export function text(max: number, min = 0): Codec<string> {
  return textForm((given) => !/\p{Control}/u.test(given) && isWithin(Buffer.byteLength(given), max, min));
}

function isHost(value: string): boolean {
  return isDnsName(value) || (parseIp(value) !== undefined && !/[A-F]/.test(value));
}

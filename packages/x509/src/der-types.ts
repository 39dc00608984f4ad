// DER writer, all types: what certificates and CRLs are made of, beyond what der-writer.ts has for devices.

import { der } from './der-writer.ts';
import { X509Error } from './errors.ts';
import { GENERALIZED_TIME, UTC_TIME } from './time.ts';

/** Each function returns one whole DER element: those of `der`, and more types and values. */
export const derTypes = {
  ...der,
  /** An INTEGER; bytes are an unsigned magnitude, most significant first (a sign octet is added, zeros are dropped). */
  integer: (value: bigint | number | Uint8Array): Uint8Array =>
    der.element(0x02, value instanceof Uint8Array ? unsignedInteger(value) : signedInteger(BigInt(value))),
  bitString: (bytes: Uint8Array, unusedBits = 0): Uint8Array => der.element(0x03, Uint8Array.of(unusedBits), bytes),
  utf8String: (text: string): Uint8Array => der.element(0x0c, encode(text)),
  printableString: (text: string): Uint8Array => der.element(0x13, encode(text)),
  ia5String: (text: string): Uint8Array => der.element(0x16, encode(text)),
  boolean: (value: boolean): Uint8Array => der.element(0x01, Uint8Array.of(value ? 0xff : 0)),
  /** UTCTime from 1950 to 2049, else GeneralizedTime; Unix seconds. @see RFC 5280 §4.1.2.5 */
  time(unixSeconds: number): Uint8Array {
    const text = new Date(unixSeconds * 1000).toISOString();
    if (!/^\d{4}-/.test(text)) throw new X509Error('certificate', 'A time is outside the years 0000 to 9999.');
    const digits = text.replace(/\.\d+|[-:T]/g, '');
    const isUtc = digits >= '1950' && digits < '2050';
    return der.element(isUtc ? UTC_TIME : GENERALIZED_TIME, encode(digits.slice(isUtc ? 2 : 0)));
  },
  /** A context-specific tag: constructed holds whole elements, primitive an implicit type's content octets. */
  context: (number: number, content: Uint8Array, form: 'constructed' | 'primitive' = 'constructed'): Uint8Array =>
    der.element((form === 'constructed' ? 0xa0 : 0x80) | number, content),
} as const;

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function unsignedInteger(magnitude: Uint8Array): Uint8Array {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Uint8Array.of(0) : magnitude.subarray(start);
  return (digits[0] ?? 0) < 0x80 ? digits : Uint8Array.of(0, ...digits);
}

function signedInteger(value: bigint): Uint8Array {
  const octets: number[] = [];
  let rest = value;
  do {
    octets.unshift(Number(BigInt.asUintN(8, rest)));
    rest >>= 8n;
  } while (!((rest === 0n && (octets[0] ?? 0) < 0x80) || (rest === -1n && (octets[0] ?? 0) >= 0x80)));
  return Uint8Array.from(octets);
}

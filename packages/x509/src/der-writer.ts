// DER writer: what certificates, CRLs and CMS signatures are made of.

import { concatBytes } from './bytes.ts';
import { encodeOid } from './oid.ts';
import { encodeTime } from './time.ts';

/** Each function returns one whole DER element. */
export const der = {
  /** An element with this identifier octet around the parts. */
  element,
  sequence: (...parts: Uint8Array[]): Uint8Array => element(0x30, ...parts),
  /** A SET OF: the parts are sorted into DER order. @see X.690 §11.6 */
  set: (...parts: Uint8Array[]): Uint8Array => element(0x31, ...[...parts].sort(compareEncodings)),
  /** An INTEGER; bytes are an unsigned magnitude, most significant first (a sign octet is added, zeros are dropped). */
  integer: (value: bigint | number | Uint8Array): Uint8Array =>
    element(0x02, value instanceof Uint8Array ? unsignedInteger(value) : signedInteger(BigInt(value))),
  enumerated: (value: number): Uint8Array => element(0x0a, signedInteger(BigInt(value))),
  oid: (dotted: string): Uint8Array => element(0x06, encodeOid(dotted)),
  octetString: (bytes: Uint8Array): Uint8Array => element(0x04, bytes),
  bitString: (bytes: Uint8Array, unusedBits = 0): Uint8Array => element(0x03, Uint8Array.of(unusedBits), bytes),
  utf8String: (text: string): Uint8Array => element(0x0c, new TextEncoder().encode(text)),
  printableString: (text: string): Uint8Array => element(0x13, new TextEncoder().encode(text)),
  ia5String: (text: string): Uint8Array => element(0x16, new TextEncoder().encode(text)),
  boolean: (value: boolean): Uint8Array => element(0x01, Uint8Array.of(value ? 0xff : 0)),
  null_: (): Uint8Array => element(0x05),
  /** UTCTime from 1950 to 2049, else GeneralizedTime; Unix seconds. @see RFC 5280 §4.1.2.5 */
  time(unixSeconds: number): Uint8Array {
    const { tag, text } = encodeTime(unixSeconds);
    return element(tag, new TextEncoder().encode(text));
  },
  /** A context-specific tag: constructed holds whole elements, primitive an implicit type's content octets. */
  context: (number: number, content: Uint8Array, form: 'constructed' | 'primitive' = 'constructed'): Uint8Array =>
    element((form === 'constructed' ? 0xa0 : 0x80) | number, content),
} as const;

function element(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 | octets.length, ...octets];
  return concatBytes([Uint8Array.from(header), ...parts]);
}

function unsignedInteger(magnitude: Uint8Array): Uint8Array {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Uint8Array.of(0) : magnitude.subarray(start);
  return (digits[0] ?? 0) < 0x80 ? digits : concatBytes([Uint8Array.of(0), digits]);
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

function compareEncodings(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

// DER writer: what CMS signatures are made of. Devices carry it; der-types.ts has the rest of the types.

import { encodeOid } from './oid.ts';

/** Each function returns one whole DER element. */
export const der = {
  /** An element with this identifier octet around the parts. */
  element,
  sequence: (...parts: Uint8Array[]): Uint8Array => element(0x30, ...parts),
  /** A SET OF: the parts are sorted into DER order. @see X.690 §11.6 */
  set: (...parts: Uint8Array[]): Uint8Array => element(0x31, ...parts.sort(Buffer.compare)),
  /** The INTEGER of a whole number from 0 to 2^53. */
  integer(value: number): Uint8Array {
    const octets = octetsOf(value);
    // A sign octet, and for 0 the only one.
    if ((octets[0] ?? 0x80) >= 0x80) octets.unshift(0);
    return element(0x02, Uint8Array.from(octets));
  },
  oid: (dotted: string): Uint8Array => element(0x06, encodeOid(dotted)),
  octetString: (bytes: Uint8Array): Uint8Array => element(0x04, bytes),
  null_: (): Uint8Array => element(0x05),
  /** A constructed context-specific tag around one whole element. */
  context: (number: number, content: Uint8Array): Uint8Array => element(0xa0 | number, content),
} as const;

function element(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const { length } = content;
  const octets = octetsOf(length);
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 | octets.length, ...octets];
  return new Uint8Array(Buffer.concat([Uint8Array.from(header), content]));
}

/** The octets of a whole number, none for 0. */
function octetsOf(number: number): number[] {
  const octets: number[] = [];
  for (let rest = number; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return octets;
}

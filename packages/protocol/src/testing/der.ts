// A DER writer for tests that knows nothing of the product's: it must be able to write what the product never would.

/** One TLV with a definite, shortest length. */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  const length = content.length;
  const header = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...header]), content]);
}

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return tlv(0x30, ...items);
}

/** A SET in the order given. */
export function set(...items: readonly Uint8Array[]): Uint8Array {
  return tlv(0x31, ...items);
}

/** The items in the order of DER. */
export function sorted(items: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...items].sort(Buffer.compare);
}

export function explicit(number: number, ...items: readonly Uint8Array[]): Uint8Array {
  return tlv(0xa0 + number, ...items);
}

export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(BigInt) as bigint[];
  const arcs = [BigInt(first) * 40n + BigInt(second), ...rest];
  return tlv(0x06, ...arcs.map(base128));
}

export function integer(value: number | Uint8Array): Uint8Array {
  if (typeof value !== 'number') return tlv(0x02, value);
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return tlv(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function boolean(value: 'true' | 'false'): Uint8Array {
  return tlv(0x01, Buffer.from([value === 'true' ? 0xff : 0]));
}

export function octets(...contents: readonly Uint8Array[]): Uint8Array {
  return tlv(0x04, ...contents);
}

export function bits(content: Uint8Array, unused = 0): Uint8Array {
  return tlv(0x03, Buffer.from([unused]), content);
}

export function utf8(text: string): Uint8Array {
  return tlv(0x0c, Buffer.from(text, 'utf8'));
}

export function printable(text: string): Uint8Array {
  return tlv(0x13, Buffer.from(text, 'latin1'));
}

export function ia5(tag: number, text: string): Uint8Array {
  return tlv(tag, Buffer.from(text, 'latin1'));
}

export const none: Uint8Array = tlv(0x05);

/** A Time as RFC 5280 wants it: UTCTime to 2049, GeneralizedTime from 2050. */
export function time(seconds: number): Uint8Array {
  const text = new Date(seconds * 1000).toISOString().replace(/[-:T]|\.000/g, '');
  return Number(text.slice(0, 4)) < 2050 ? ia5(0x17, text.slice(2)) : ia5(0x18, text);
}

function base128(arc: bigint): Uint8Array {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return Buffer.from(bytes);
}

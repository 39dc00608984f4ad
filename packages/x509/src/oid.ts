// Object identifiers with arcs of any size (our own are 2.25.<128-bit UUID>.n), both ways.

import { refuse } from './errors.ts';

/** Longest encoded object identifier, in bytes, that is read. */
const MAX_OID_BYTES = 128;

/**
 * The dotted form of an OBJECT IDENTIFIER's content octets.
 * @throws X509Error `der` when empty, cut, padded or over 128 bytes
 * @see X.690 §8.19
 */
export function decodeOid(content: Uint8Array): string {
  if (content.length === 0 || content.length > MAX_OID_BYTES || (content[content.length - 1] ?? 0) >= 0x80) {
    malformed();
  }
  const arcs: string[] = [];
  for (let start = 0, at = 0; at < content.length; at++) {
    if ((content[at] ?? 0) >= 0x80) continue;
    const arc = decodeArc(content.subarray(start, at + 1));
    if (start > 0) arcs.push(`${arc}`);
    else if (arc < 80) arcs.push(arc < 40 ? '0' : '1', `${Number(arc) % 40}`);
    else arcs.push('2', `${BigInt(arc) - 80n}`);
    start = at + 1;
  }
  return arcs.join('.');
}

/**
 * The content octets of a dotted object identifier.
 * @throws X509Error `der` when the text is not an object identifier
 */
export function encodeOid(dotted: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(dotted)) malformed();
  const [root = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  if (root < 2n && second > 39n) malformed();
  return Uint8Array.from([root * 40n + second, ...rest].flatMap(encodeArc));
}

function decodeArc(octets: Uint8Array): number | bigint {
  if (octets[0] === 0x80) malformed();
  if (octets.length < 7) return octets.reduce((arc, octet) => arc * 128 + (octet & 0x7f), 0);
  let arc = 0n;
  for (const octet of octets) arc = (arc << 7n) | BigInt(octet & 0x7f);
  return arc;
}

function encodeArc(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return octets;
}

function malformed(): never {
  refuse('der', 'An object identifier is malformed.');
}

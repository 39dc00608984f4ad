// Object identifiers with arcs of any size (our own are 2.25.<128-bit UUID>.n), both ways.

import { contentOf, type DerNode } from './der.ts';
import { refuse } from './errors.ts';

/** Longest encoded object identifier, in bytes, that is read. */
const MAX_OID_BYTES = 128;

/** The dotted form of a node that must be an OBJECT IDENTIFIER. @throws X509Error `der` */
export function readOid(node: DerNode | undefined): string {
  return decodeOid(contentOf(node, 0x06));
}

/**
 * The dotted form of an OBJECT IDENTIFIER's content octets.
 * @throws X509Error `der` when empty, cut, padded or over 128 bytes
 * @see X.690 §8.19
 */
export function decodeOid(content: Uint8Array): string {
  if (content.length > MAX_OID_BYTES || (content.at(-1) ?? 0x80) >= 0x80) refuse('der');
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of content) {
    if (arc === 0n && octet === 0x80) refuse('der');
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    if (arcs.length === 0) {
      const root = arc < 80n ? arc / 40n : 2n;
      arcs.push(root);
      arc -= root * 40n;
    }
    arcs.push(arc);
    arc = 0n;
  }
  return arcs.join('.');
}

/**
 * The content octets of a dotted object identifier.
 * @throws X509Error `der` when the text is not an object identifier
 */
export function encodeOid(dotted: string): Uint8Array {
  if (!/^([01]\.[1-3]?\d|2\.(0|[1-9]\d*))(\.(0|[1-9]\d*))*$/.test(dotted)) refuse('der');
  const [root = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  return Uint8Array.from([root * 40n + second, ...rest].flatMap(encodeArc));
}

function encodeArc(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return octets;
}

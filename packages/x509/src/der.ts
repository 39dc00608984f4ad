// Strict DER reader (X.690 §10, §11): definite minimal lengths, nothing left over, no multi-octet tags.

import { malformed, refuse } from './errors.ts';

/** Largest input, in bytes, that the reader takes. */
export const MAX_DER_BYTES = 1 << 20;

/** The identifier octet of SEQUENCE. */
export const SEQUENCE = 0x30;

/** One DER element; `content` and `raw` are views into the input. */
export interface DerNode {
  /** The whole identifier octet: class, constructed bit and number. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** Identifier, length and content. */
  readonly raw: Uint8Array;
}

/**
 * Reads exactly one element with nothing after it.
 * @throws X509Error `der`
 * @see X.690 §10.1
 */
export function readDer(bytes: Uint8Array): DerNode {
  if (bytes.length > MAX_DER_BYTES) refuse('der');
  const node = readElement(bytes, 0);
  if (node.raw.length !== bytes.length) refuse('der');
  return node;
}

/**
 * Reads the elements inside a constructed node, or, given bytes, the elements that follow each other in them.
 * @throws X509Error `der` when the node is primitive or the bytes are not whole elements
 */
export function readDerChildren(node: DerNode | Uint8Array): DerNode[] {
  const bytes = 'tag' in node ? contentOf(node, node.tag | 0x20) : node;
  const children: DerNode[] = [];
  for (let at = 0; at < bytes.length; ) {
    const child = readElement(bytes, at);
    children.push(child);
    at += child.raw.length;
  }
  return children;
}

/**
 * The content of a node that must carry this identifier octet.
 * @throws X509Error `der` when it is absent or another
 */
export function contentOf(node: DerNode | undefined, tag: number): Uint8Array {
  if (node?.tag !== tag) refuse('der');
  return node.content;
}

/** The elements of a node that must be a SEQUENCE (or carry `tag`). */
export function elementsOf(node: DerNode | undefined, tag = SEQUENCE): DerNode[] {
  return readDerChildren(contentOf(node, tag));
}

/** The elements of a node that must be a SEQUENCE (or carry `tag`) and not empty. @throws X509Error `der`, `certificate` */
export function listOf(node: DerNode | undefined, tag = SEQUENCE): DerNode[] {
  const elements = elementsOf(node, tag);
  if (elements.length === 0) malformed();
  return elements;
}

/** True when the encodings stand in the order of a SET OF. @see X.690 §11.6 */
export function isInSetOrder(nodes: readonly DerNode[]): boolean {
  return nodes.every(({ raw }, i) => Buffer.compare(nodes[i - 1]?.raw ?? raw, raw) <= 0);
}

/** Stands for whatever tag comes, where readFields takes tags. */
export const ANY = 0;

/**
 * The fields of a SEQUENCE in the order of their tags; where the next element has another tag, the field is undefined. So
 * each is optional here: what must be there is for the reader of the value to say, and all of them refuse undefined.
 * @throws X509Error `der` when an element is left over
 */
export function readFields(node: DerNode | undefined, ...tags: readonly number[]): (DerNode | undefined)[] {
  const elements = elementsOf(node);
  let at = 0;
  const fields = tags.map((tag) => (tag === ANY || elements[at]?.tag === tag ? elements[at++] : undefined));
  if (at < elements.length) refuse('der');
  return fields;
}

/** A BOOLEAN in its canonical form. @see X.690 §11.1 */
export function readBoolean(node: DerNode): boolean {
  const [value, ...rest] = contentOf(node, 0x01);
  if ((value !== 0 && value !== 0xff) || rest.length > 0) refuse('der');
  return value === 0xff;
}

/** The two's complement octets of an INTEGER of minimal length: its first nine bits are not alike. @see X.690 §8.3 */
export function readInteger(node: DerNode | undefined, tag = 0x02): Uint8Array {
  const content = contentOf(node, tag);
  const [first, second] = content;
  if (first === undefined || (second !== undefined && first === (second >> 7) * 0xff)) refuse('der');
  return content;
}

/** A small non-negative INTEGER (below 2^31). */
export function readSmallInteger(node: DerNode | undefined, tag = 0x02): number {
  const content = readInteger(node, tag);
  const value = content.reduce((sum, byte) => sum * 256 + byte, 0);
  if (value >= 2 ** (content.length * 8 - 1) || content.length > 4) refuse('der');
  return value;
}

/** The octets of a BIT STRING; unused bits are zero. @see X.690 §11.2 */
export function readBitString(
  node: DerNode | undefined,
  tag = 0x03,
): { readonly bytes: Uint8Array; readonly unused: number } {
  const content = contentOf(node, tag);
  const [unused = 8] = content;
  // Without octets, the last one is the number of unused bits, and only zero has no bit of them.
  if (unused > 7 || ((content.at(-1) ?? 0) & ((1 << unused) - 1)) !== 0) refuse('der');
  return { bytes: content.subarray(1), unused };
}

/** The octets of a BIT STRING that ends on a whole byte. @throws X509Error `der`, `certificate` */
export function readWholeBytes(node: DerNode | undefined): Uint8Array {
  const { bytes, unused } = readBitString(node);
  if (unused !== 0) malformed();
  return bytes;
}

/** EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING. */
const CONSTRUCTED = [8, 11, 16, 17, 29];

/** Bytes that are not there count as a tag of several octets, and as an indefinite length. */
function readElement(bytes: Uint8Array, at: number): DerNode {
  const tag = bytes[at] ?? 0x1f;
  let length = bytes[at + 1] ?? 0x80;
  let start = at + 2;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    length = 0;
    for (const end = start + octets; start < end; start++) length = length * 256 + (bytes[start] ?? 0);
    // Not minimal; 0, and so too small, when the length is indefinite.
    if (length < 0x80 || length < 256 ** (octets - 1)) refuse('der');
  }
  const end = start + length;
  // Of the universal types, sets and sequences are in pieces, and only they (X.690 §10.2).
  const isMisformed = tag < 0x40 && tag >= 0x20 !== CONSTRUCTED.includes(tag & 0x1f);
  if (isMisformed || (tag & 0x1f) === 0x1f || end > bytes.length) refuse('der');
  return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(at, end) };
}

// Strict DER reader (X.690 §10, §11): definite minimal lengths, nothing left over, no multi-octet tags.

import { refuse } from './errors.ts';

/** Largest input, in bytes, that the reader takes. */
export const MAX_DER_BYTES = 1 << 20;

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
  if (bytes.length > MAX_DER_BYTES) refuse('der', 'The DER is too large.');
  const node = readElement(bytes, 0);
  if (node.raw.length !== bytes.length) refuse('der', 'Bytes follow the DER element.');
  return node;
}

/**
 * Reads the elements inside a constructed node, or, given bytes, the elements that follow each other in them.
 * @throws X509Error `der` when the node is primitive or the bytes are not whole elements
 */
export function readDerChildren(node: DerNode | Uint8Array): DerNode[] {
  if (!(node instanceof Uint8Array)) {
    contentOf(node, node.tag | 0x20);
    return readDerChildren(node.content);
  }
  const children: DerNode[] = [];
  for (let at = 0; at < node.length; ) {
    const child = readElement(node, at);
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
  if (node?.tag !== tag) refuse('der', 'A DER element is missing or of another type.');
  return node.content;
}

/** The elements of a node that must be a SEQUENCE (or carry `tag`). */
export function elementsOf(node: DerNode | undefined, tag = 0x30): DerNode[] {
  return readDerChildren(contentOf(node, tag));
}

/** Hands out the elements of a SEQUENCE in order, optional ones by their tag; `end` refuses leftovers. */
export interface DerCursor {
  /** The next element, whatever it is; undefined at the end. */
  next(): DerNode | undefined;
  /** The next element when it carries one of the tags, else undefined and nothing is consumed. */
  optional(...tags: number[]): DerNode | undefined;
  /** @throws X509Error `der` when an element is left */
  end(): void;
}

/** A cursor over the elements of a SEQUENCE (or of a node with `tag`). */
export function cursor(node: DerNode | undefined, tag = 0x30): DerCursor {
  const nodes = elementsOf(node, tag);
  let at = 0;
  return {
    next: () => nodes[at++],
    optional: (...tags) => (tags.includes(nodes[at]?.tag ?? -1) ? nodes[at++] : undefined),
    end() {
      if (at < nodes.length) refuse('der', 'A DER sequence is too long.');
    },
  };
}

/** A BOOLEAN in its canonical form. @see X.690 §11.1 */
export function readBoolean(node: DerNode): boolean {
  const content = contentOf(node, 0x01);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) {
    refuse('der', 'A BOOLEAN is not canonical.');
  }
  return content[0] === 0xff;
}

/** The two's complement octets of an INTEGER of minimal length. @see X.690 §8.3 */
export function readInteger(node: DerNode | undefined, tag = 0x02): Uint8Array {
  const content = contentOf(node, tag);
  const [first, second] = content;
  const padded = second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (first === undefined || padded) refuse('der', 'An INTEGER is not minimal.');
  return content;
}

/** A small non-negative INTEGER (below 2^31). */
export function readSmallInteger(node: DerNode | undefined, tag = 0x02): number {
  const content = readInteger(node, tag);
  if (content.length > 4 || (content[0] ?? 0) >= 0x80) refuse('der', 'A number is out of range.');
  return content.reduce((value, byte) => value * 256 + byte, 0);
}

/** The octets of a BIT STRING; unused bits are zero. @see X.690 §11.2 */
export function readBitString(node: DerNode | undefined): { readonly bytes: Uint8Array; readonly unused: number } {
  const content = contentOf(node, 0x03);
  const unused = content[0] ?? 8;
  const last = content[content.length - 1] ?? 0;
  if (
    unused > 7 ||
    (content.length === 1 && unused > 0) ||
    (content.length > 1 && (last & ((1 << unused) - 1)) !== 0)
  ) {
    refuse('der', 'A BIT STRING is not canonical.');
  }
  return { bytes: content.subarray(1), unused };
}

function readElement(bytes: Uint8Array, at: number): DerNode {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) cutShort();
  if ((tag & 0x1f) === 0x1f) refuse('der', 'A DER tag has several octets.');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4) refuse('der', 'A DER length is indefinite or too large.');
    length = 0;
    for (const end = start + octets; start < end; start++) length = length * 256 + (bytes[start] ?? 0);
    if (length < 0x80 || length < 256 ** (octets - 1)) refuse('der', 'A DER length is not minimal.');
  }
  if (start + length > bytes.length) cutShort();
  return { tag, content: bytes.subarray(start, start + length), raw: bytes.subarray(at, start + length) };
}

function cutShort(): never {
  refuse('der', 'The DER ends inside an element.');
}

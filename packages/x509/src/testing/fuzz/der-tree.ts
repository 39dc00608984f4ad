// DER as a tree that can be edited at any place, with all lengths above it kept right; also inside of OCTET STRING and
// BIT STRING, where extensions and keys are. It has a reader of its own, that never throws: what is to be tested stays out.

import { derTypes as der } from '../../der-types.ts';

/** One element; `inside` are the elements it is made of, where it is made of elements. */
export interface DerTree {
  readonly tag: number;
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
  /** What stands in the content before the elements: the number of unused bits. */
  readonly prefix: Uint8Array;
  readonly inside: readonly DerTree[];
  /** How many elements there are, this one included. */
  readonly size: number;
}

/** Deepest level that is looked into; below it an element is taken as it is. */
const MAX_DEPTH = 40;
/** Primitive types that may hold elements, and how many octets come before these: BIT STRING, OCTET STRING. */
const WRAPPERS: Readonly<Record<number, number>> = { 3: 1, 4: 0 };

/** The tree of these bytes, or undefined when they are not one element of definite length. */
export function parseTree(bytes: Uint8Array): DerTree | undefined {
  const [whole, ...more] = treesOf(bytes, 0);
  return more.length === 0 ? whole : undefined;
}

/** The bytes of the tree with the element of that number (in order of reading, the whole is 0) replaced by others. */
export function replaceElement(
  tree: DerTree,
  number: number,
  replace: (element: DerTree) => readonly Uint8Array[],
): Uint8Array {
  return joined(...replaced(tree, number, replace));
}

/** The parts one after the other, as a Uint8Array that shares nothing with them. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The element of that number, in order of reading. */
export function elementAt(tree: DerTree, number: number): DerTree {
  let rest = number - 1;
  for (const child of tree.inside) {
    if (rest >= 0 && rest < child.size) return elementAt(child, rest);
    rest -= child.size;
  }
  return tree;
}

/** The elements that follow each other in the bytes; none when they are not whole elements. */
function treesOf(bytes: Uint8Array, depth: number): readonly DerTree[] {
  const trees: DerTree[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = contentStart(bytes, at);
    const end = start + lengthOf(bytes, at, start);
    if (!(end <= bytes.length)) return [];
    trees.push(treeOf(bytes.subarray(at, end), start - at, depth));
    at = end;
  }
  return trees;
}

function treeOf(raw: Uint8Array, start: number, depth: number): DerTree {
  const [tag = 0] = raw;
  const content = raw.subarray(start);
  const before = WRAPPERS[tag] ?? 0;
  const mayHold = depth < MAX_DEPTH && ((tag & 0x20) !== 0 || (WRAPPERS[tag] !== undefined && content.length > 3));
  const inside = mayHold ? treesOf(content.subarray(before), depth + 1) : [];
  const size = inside.reduce((sum, child) => sum + child.size, 1);
  return { tag, raw, content, prefix: content.subarray(0, before), inside, size };
}

/** Where the content of the element begins. */
function contentStart(bytes: Uint8Array, at: number): number {
  const first = bytes[at + 1] ?? 0;
  return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
}

/** NaN when it is not there, or of no use. */
function lengthOf(bytes: Uint8Array, at: number, start: number): number {
  const first = bytes[at + 1] ?? Number.NaN;
  if (first < 0x80) return first;
  if (first === 0x80 || start > at + 6) return Number.NaN;
  return bytes.subarray(at + 2, start).reduce((sum, octet) => sum * 256 + octet, 0);
}

function replaced(
  tree: DerTree,
  number: number,
  replace: (element: DerTree) => readonly Uint8Array[],
): readonly Uint8Array[] {
  if (number === 0) return replace(tree);
  let rest = number - 1;
  const parts = tree.inside.flatMap((child) => {
    const isHere = rest >= 0 && rest < child.size;
    const part = isHere ? replaced(child, rest, replace) : [child.raw];
    rest -= child.size;
    return part;
  });
  return [der.element(tree.tag, tree.prefix, ...parts)];
}

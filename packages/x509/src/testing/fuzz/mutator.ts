// Inputs for decoders: DER trees edited with their lengths kept right, raw bytes changed, and both.

import { type DerTree, elementAt, joined, parseTree, replaceElement } from './der-tree.ts';
import { BER_EDITS, ELEMENT_EDITS, type ElementEdit } from './edits.ts';
import type { Random } from './random.ts';

/** Bytes to start from, with their tree where they are DER. */
export interface Seed {
  readonly bytes: Uint8Array;
  readonly tree: DerTree | undefined;
}

/** Longest input, in bytes, that is made. */
export const MAX_INPUT_BYTES = 1 << 16;
/** Most elements of a tree that is made for editing again: reading it costs time. */
const MAX_TREE_BYTES = 1 << 13;
const DER_EDITS: readonly ElementEdit[] = Object.values(ELEMENT_EDITS);
const ALL_EDITS: readonly ElementEdit[] = [...DER_EDITS, ...Object.values(BER_EDITS)];
/** Octets that mean something to readers of DER: lengths, tags, limits. */
const OCTETS = [0, 1, 2, 3, 4, 5, 6, 0x1f, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xa0, 0xa3, 0xff];

/** The bytes as something to mutate. */
export function toSeed(bytes: Uint8Array): Seed {
  return { bytes, tree: bytes.length <= MAX_TREE_BYTES ? parseTree(bytes) : undefined };
}

/**
 * The seed changed in one to four places, most often within its tree; now and then bytes that are made up whole.
 * @param others where elements are taken from
 * @param tokens pieces of text that are put in now and then
 */
export function mutate(
  seed: Seed,
  random: Random,
  { others, tokens }: { readonly others: readonly Seed[]; readonly tokens: readonly Uint8Array[] },
): Uint8Array {
  if (random.oneIn(25)) return random.bytes(random.below(200));
  let { bytes, tree } = seed;
  for (let edits = 1 + random.below(random.oneIn(3) ? 4 : 2); edits > 0; edits--) {
    if (tree && !random.oneIn(4)) bytes = editTree(tree, random, random.pick(others));
    else bytes = editBytes(bytes, random, tokens);
    if (bytes.length > MAX_INPUT_BYTES) return bytes.subarray(0, MAX_INPUT_BYTES);
    tree = edits > 1 ? toSeed(bytes).tree : tree;
  }
  return bytes;
}

/** One element of the tree edited; one time in ten so that it is no DER any more. */
function editTree(tree: DerTree, random: Random, other: Seed): Uint8Array {
  const edit = random.pick(random.oneIn(10) ? ALL_EDITS : DER_EDITS);
  const from = other.tree ?? tree;
  return replaceElement(tree, random.below(tree.size), (element) =>
    edit(element, random, elementAt(from, random.below(from.size))),
  );
}

/** A few bytes set, flipped, cut out, doubled, put in or moved. */
function editBytes(bytes: Uint8Array, random: Random, tokens: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = 1 + random.below(random.oneIn(4) ? 40 : 4);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  const [piece, rest] = [tail.subarray(0, length), tail.subarray(length)];
  const octet = Uint8Array.of((tail[0] ?? 0) ^ (1 << random.below(8)));
  switch (random.below(tokens.length > 0 ? 9 : 8)) {
    case 0:
      return joined(head, octet, tail.subarray(1));
    case 1:
      return joined(head, Uint8Array.of(random.pick(OCTETS)), tail.subarray(1));
    case 2:
      return joined(head, rest);
    case 3:
      return joined(head, piece, tail);
    case 4:
      return joined(head, random.bytes(length), tail);
    case 5:
      return joined(head, rest, piece);
    case 6:
      return head;
    case 7:
      return joined(head, piece.slice().reverse(), rest);
    default:
      return joined(head, random.pick(tokens), random.oneIn(2) ? tail : rest);
  }
}

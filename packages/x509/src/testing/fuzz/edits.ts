// What can happen to one DER element, by name: the elements that come in its place.

import { derTypes as der } from '../../der-types.ts';
import type { DerTree } from './der-tree.ts';
import type { Random } from './random.ts';

/** Elements in place of one; `other` is an element from elsewhere. */
export type ElementEdit = (element: DerTree, random: Random, other: DerTree) => readonly Uint8Array[];

/** Most copies of an element, and most levels around it, that one edit makes. */
const MANY = 70;
/** Identifier octets of universal types, of context-specific ones, and of several octets. */
const TAGS = [1, 2, 3, 4, 5, 6, 10, 12, 18, 19, 20, 22, 23, 24, 26, 28, 30, 0x30, 0x31, 0x1f, 0x3f];
const CONTEXT_TAGS = [0x80, 0x81, 0x82, 0x86, 0x87, 0x88, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5];
/** Contents that readers have stumbled over: numbers at their limits, times, names with what does not belong there. */
const CONTENTS = [
  [],
  [0],
  [0xff],
  [0x80],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0, 0, 0],
  [0, 0xff, 0xff, 0xff, 0xff],
  [0, 0],
  [7, 0x80],
  [8],
  [0x2a, 0x80, 1],
  Array<number>(129).fill(0xff),
  ...[
    '*',
    '*.',
    '.',
    '*.a.b',
    'a\0b',
    '\u00e4',
    '@',
    'a@',
    '[::1]',
    '20240229235960Z',
    '99991231235959Z',
    '000000000000Z',
  ],
].map((one) => (typeof one === 'string' ? new TextEncoder().encode(one) : Uint8Array.from(one)));

/** The edits that leave DER of some kind, by name. */
export const ELEMENT_EDITS = {
  removed: () => [],
  doubled: ({ raw }) => [raw, raw],
  emptied: ({ tag }) => [der.element(tag)],
  retagged: ({ content }, random) => [der.element(random.pick(random.oneIn(2) ? TAGS : CONTEXT_TAGS), content)],
  reversed: ({ tag, prefix, inside, content }) => [
    der.element(
      tag,
      prefix,
      ...(inside.length > 0 ? inside.map(({ raw }) => raw).reverse() : [content.slice().reverse()]),
    ),
  ],
  shuffled: ({ tag, prefix, inside, raw }, random) => [
    inside.length > 1 ? der.element(tag, prefix, ...random.shuffled(inside).map((child) => child.raw)) : raw,
  ],
  refilled: ({ tag }, random) => [
    der.element(tag, random.oneIn(3) ? random.bytes(random.below(24)) : random.pick(CONTENTS)),
  ],
  changed: ({ tag, content }, random) => [der.element(tag, withByte(content, random))],
  shortened: ({ tag, content }) => [der.element(tag, content.subarray(0, -1))],
  lengthened: ({ tag, content }, random) => [der.element(tag, content, random.bytes(1 + random.below(3)))],
  replaced: (_, __, other) => [other.raw],
  preceded: ({ raw }, random, other) => (random.oneIn(2) ? [other.raw, raw] : [raw, other.raw]),
  wrapped: ({ raw }, random) => [nested(raw, random)],
  opened: ({ inside, raw }) => (inside.length > 0 ? inside.map((child) => child.raw) : [raw]),
  repeated: ({ raw }, random) => Array<Uint8Array>(2 + random.below(raw.length < 60 ? MANY : 3)).fill(raw),
} as const satisfies Readonly<Record<string, ElementEdit>>;

/** The edits that make it BER, or nothing at all, by name. */
export const BER_EDITS = {
  'length-padded': ({ tag, content }) => [Uint8Array.of(tag, 0x84, ...octets(content.length), ...content)],
  'length-indefinite': ({ tag, content }) => [Uint8Array.of(tag, 0x80, ...content, 0, 0)],
  'length-too-long': ({ raw }) => [withLength(raw, 1)],
  'length-too-short': ({ raw }) => [withLength(raw, -1)],
  constructed: ({ tag, content }) => [der.element(tag ^ 0x20, content)],
} as const satisfies Readonly<Record<string, ElementEdit>>;

/** The name of an edit. */
export type EditName = keyof typeof ELEMENT_EDITS | keyof typeof BER_EDITS;

/** All edits by name. */
export const EDITS: Readonly<Record<EditName, ElementEdit>> = { ...ELEMENT_EDITS, ...BER_EDITS };

/** The content with one octet changed: a bit, a step up or down, or any value. */
function withByte(content: Uint8Array, random: Random): Uint8Array {
  const changed = content.slice();
  const at = random.below(Math.max(1, content.length));
  const before = content[at] ?? 0;
  changed[at] = random.pick([before ^ (1 << random.below(8)), before + 1, before - 1, random.below(256)]);
  return changed;
}

function nested(raw: Uint8Array, random: Random): Uint8Array {
  const tag = random.pick([0x30, 0x31, 0xa0, 0x04]);
  let whole = raw;
  for (let level = random.oneIn(4) ? random.below(MANY) : 0; level >= 0; level--) whole = der.element(tag, whole);
  return whole;
}

function withLength(raw: Uint8Array, step: number): Uint8Array {
  const changed = raw.slice();
  const first = raw[1] ?? 0;
  const at = first < 0x80 ? 1 : 1 + (first & 0x7f);
  changed[at] = (raw[at] ?? 0) + step;
  return changed;
}

function octets(length: number): readonly number[] {
  return [length >>> 24, length >>> 16, length >>> 8, length].map((value) => value & 0xff);
}

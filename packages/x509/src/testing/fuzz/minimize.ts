// A finding's input made small: the elements, then the bytes, that can be left out of it are left out.

import type { Decoder } from './decoders.ts';
import { joined, parseTree, replaceElement } from './der-tree.ts';
import { Finding, judge } from './judge.ts';

/** Milliseconds after which it is small enough: a slow input costs time in each attempt. */
const ENOUGH_MS = 20_000;

/** A finding of the same decoder from an input as short as leaving out pieces makes it. */
export function minimize(decoder: Decoder, finding: Finding): Finding {
  const end = performance.now() + ENOUGH_MS;
  const isTimeLeft = () => performance.now() < end;
  return withoutBytes(decoder, withoutElements(decoder, finding, isTimeLeft), isTimeLeft);
}

function withoutElements(decoder: Decoder, finding: Finding, isTimeLeft: () => boolean): Finding {
  let best = finding;
  let tree = parseTree(best.input);
  for (let number = 1; tree && number < tree.size && isTimeLeft(); ) {
    const shorter = findingOf(
      decoder,
      replaceElement(tree, number, () => []),
    );
    if (!shorter) number++;
    best = shorter ?? best;
    tree = parseTree(best.input);
  }
  return best;
}

function withoutBytes(decoder: Decoder, finding: Finding, isTimeLeft: () => boolean): Finding {
  let best = finding;
  for (let length = best.input.length >> 1; length > 0; length >>= 1) {
    for (let at = 0; at < best.input.length && isTimeLeft(); ) {
      const { input } = best;
      const shorter = findingOf(decoder, joined(input.subarray(0, at), input.subarray(at + length)));
      if (!shorter) at += length;
      best = shorter ?? best;
    }
  }
  return best;
}

function findingOf(decoder: Decoder, input: Uint8Array): Finding | undefined {
  try {
    judge(decoder, input, new Set());
    return undefined;
  } catch (error) {
    if (error instanceof Finding) return error;
    throw error;
  }
}

// Chance that can be repeated: what follows from the seed alone. Not for secrets.

/** Numbers and choices. */
export interface Random {
  /** A whole number from 0 to below the limit. */
  below(limit: number): number;
  /** One of a list that is not empty. */
  pick<Item>(list: readonly Item[]): Item;
  bytes(length: number): Buffer;
}

/** The same again for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number) => next() % limit;
  return {
    below,
    pick(list) {
      const one = list[below(list.length)];
      if (one === undefined) throw new RangeError('There is nothing to pick from.');
      return one;
    },
    bytes: (length) => Buffer.from(Uint8Array.from({ length }, () => below(256))),
  };
}

// Chance that can be repeated: a small generator (sfc32) from a seed, for what tests make up. Not for secrets.

/** Numbers, choices and bytes that follow from the seed alone. */
export interface Random {
  /** A whole number from 0 to below the limit. */
  below(limit: number): number;
  /** True once in so many times on average. */
  oneIn(times: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** The list in another order. */
  shuffled<T>(list: readonly T[]): readonly T[];
  bytes(length: number): Uint8Array;
}

/** A generator that gives the same again for the same seed. */
export function createRandom(seed: string | number): Random {
  const next = generator(String(seed));
  const below = (limit: number) => next() % limit;
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick(list) {
      const one = list[below(list.length)];
      if (one === undefined) throw new RangeError('There is nothing to pick from.');
      return one;
    },
    shuffled: (list) =>
      list
        .map((one) => ({ one, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one),
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  };
}

function generator(seed: string): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const next = () => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (const character of seed) {
    c ^= Math.imul(character.codePointAt(0) ?? 0, 0x01000193);
    next();
  }
  for (let i = 0; i < 15; i++) next();
  return next;
}

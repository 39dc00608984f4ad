// Hard bounds on what one validation may cost, whatever the input.

import { refuse } from './errors.ts';

/** Most signature verifications of one validation. */
export const MAX_SIGNATURES = 200;
/** Most comparisons of a name with a name constraint. */
export const MAX_NAME_COMPARISONS = 2 ** 20;
/** Most certificates that are tried as an issuer. */
export const MAX_STEPS = 5_000;

/** Counters that throw `budget` once they are used up. */
export interface Budget {
  signature(): void;
  name(): void;
  step(): void;
}

/** A fresh budget for one validation. */
export function createBudget(): Budget {
  return {
    signature: counter(MAX_SIGNATURES),
    name: counter(MAX_NAME_COMPARISONS),
    step: counter(MAX_STEPS),
  };
}

function counter(limit: number): () => void {
  let left = limit;
  return () => {
    if (left-- <= 0) refuse('budget');
  };
}

// Hard bounds on what one validation may cost, whatever the input.

import { refuse } from './errors.ts';

/** Most signature verifications of one validation. */
export const MAX_SIGNATURES = 200;
/** Most comparisons of a name with a name constraint. */
export const MAX_NAME_COMPARISONS = 2 ** 20;
/** Most certificates that are tried as an issuer. */
export const MAX_STEPS = 5_000;

/** Counters that throw `budget` once they are used up: each is called before what it counts. */
export interface Budget {
  /** A signature is verified. */
  signature(): void;
  /** A name is compared with a name constraint. */
  name(): void;
  /** A certificate is tried as an issuer. */
  step(): void;
}

/** A fresh budget: of one validation, or of several that share it. */
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

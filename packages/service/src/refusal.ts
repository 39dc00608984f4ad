// The service says no to an operator: the one error that a noun throws on purpose. http/problem.ts makes the answer of it.
import type { ProblemCode } from '@windlass/management';

/** What was asked is refused; nothing changed. `message` is one sentence that says what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Throws the refusal unless `condition` holds. */
export function refuseUnless(condition: boolean, code: ProblemCode, message: string): asserts condition {
  if (!condition) throw new Refusal(code, message);
}

// The one error of the client. Whoever calls it prints `message`, or decides by `code`.
import type { ClientErrorCode, ProblemCode } from './problems.ts';

/** The service refused (`status` is the HTTP status), or no answer of the service came (`status` is 0). */
export class ManagementError extends Error {
  override readonly name = 'ManagementError';
  /** Stable; a problem code of the service or one of the client's own. */
  readonly code: ProblemCode | ClientErrorCode;
  /** HTTP status, or 0 when there was no answer. */
  readonly status: number;
  /** One sentence that says what to do; the same as `message`. */
  readonly detail: string;

  constructor(
    code: ProblemCode | ClientErrorCode,
    status: number,
    detail: string,
    options?: { readonly cause?: unknown },
  ) {
    super(detail, options);
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

// The errors of the client. Whoever calls it prints `message`, or decides by `code`.
import type { Approval } from './approvals.ts';
import type { ClientErrorCode, ProblemCode } from './problems.ts';
import type { ProofTerms } from './proof-schemas.ts';

/** The service refused (`status` is the HTTP status), or no answer of the service came (`status` is 0). */
export class ManagementError extends Error {
  override readonly name = 'ManagementError';
  /** Stable; a problem code of the service or one of the client's own. */
  readonly code: ProblemCode | ClientErrorCode;
  /** HTTP status, or 0 when there was no answer. */
  readonly status: number;
  /** One sentence that says what to do; the same as `message`. */
  readonly detail: string;
  /** With `label-proof`: what the proof has to cover, as the service says; whoever makes it looks at it first. */
  readonly proofTerms: ProofTerms | null;

  constructor(
    code: ProblemCode | ClientErrorCode,
    status: number,
    detail: string,
    options: { readonly cause?: unknown; readonly proofTerms?: ProofTerms | null } = {},
  ) {
    super(detail, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.proofTerms = options.proofTerms ?? null;
  }
}

/** What was asked for is not done yet: the organization demands two people, and another approver has to approve it. */
export class WaitsForApproval extends ManagementError {
  readonly approval: Approval;

  constructor(approval: Approval) {
    const { id, expires } = approval;
    const detail = `A second person has to approve this: another approver, with "windlass approval approve ${id}", by ${expires}.`;
    super('waits-for-approval', 202, detail);
    this.approval = approval;
  }
}

// Why a path to a peer broke: one error class for every stage, and how the errors of Node become it.
import type { Failure, NoAnswerCause, Stage } from '../ports.ts';

/** A path broke at `stage` because of `reason`. It quotes nothing that came from the network; what Node said, or a proxy that wants to know who asks, is kept as `cause`. */
export class PathError extends Error {
  readonly reason: NoAnswerCause;
  readonly stage: Stage;

  constructor(reason: NoAnswerCause, stage: Stage, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
    this.stage = stage;
  }
}

/** What broke a phase: a reason of ours, an error of Node's, or nothing but the end of the socket. */
export type Fault = NoAnswerCause | Error | null;

/** `fault` as a PathError: itself where it is one, else by the code that Node gave it. */
export function asPathError(fault: Fault | undefined, stage: Stage): PathError {
  if (fault instanceof PathError) return fault;
  return new PathError(typeof fault === 'string' ? fault : reasonOf(fault, stage), stage, fault);
}

/** `error`, which must be a PathError; anything else is a bug and is thrown on. */
export function expectPathError(error: unknown): PathError {
  if (error instanceof PathError) return error;
  throw error;
}

const ALIKE = ['timeout', 'refused', 'reset', 'tls', 'proxy', 'proxy-authentication'] as const;

/** What a request says about this error in `path.failure`. @see spec section 4 */
export function failureOf({ reason, stage }: PathError): Failure {
  if (reason === 'name') return 'name-resolution';
  if (reason === 'empty') return 'reset';
  return ALIKE.find((name) => name === reason) ?? (stage === 'proxy' ? 'proxy' : 'not-an-answer');
}

/** The code that Node gave an error, or ''. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reasonOf(error: Error | null | undefined, stage: Stage): NoAnswerCause {
  const code = codeOf(error);
  if (stage === 'name') return 'name';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code === 'HPE_INVALID_EOF_STATE') return 'truncated';
  if (/^HPE_/.test(code)) return 'http';
  if (/^(ERR_(SSL|TLS)_|EPROTO)/.test(code)) return 'tls';
  if (code !== 'ECONNRESET') return stage === 'connect' ? 'refused' : 'reset';
  // Node's "socket hang up" has no system call: the peer closed in good order and said nothing.
  return stage === 'first-byte' && error && !('syscall' in error) ? 'empty' : 'reset';
}

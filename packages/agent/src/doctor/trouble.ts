// From what broke a path to the service, to the trouble that people and reports call it. @see spec M7
import type { Failure, Trouble } from '@windlass/protocol';
import type { NoAnswerCause, Stage } from '../ports.ts';
import type { Ended, Result } from '../result.ts';

/** Where a path broke, and why. */
export interface BrokenPath {
  readonly stage: Stage;
  readonly cause: NoAnswerCause;
  /** It led through an explicit proxy. */
  readonly viaProxy: boolean;
  /** What HTTPS failed of: where TLS was agreed on, what is wrong with its certificate. */
  readonly failure?: Failure | null;
}

/** The trouble that a broken path is. */
export function troubleOf({ stage, cause, viaProxy, failure }: BrokenPath): Trouble {
  if (cause === 'captive' || cause === 'proxy-authentication') return cause;
  switch (stage) {
    case 'name':
      return 'name-fails';
    case 'connect':
      if (viaProxy) return 'proxy-unreachable';
      return cause === 'timeout' || cause === 'reset' ? `tcp-${cause}` : 'tcp-refused';
    case 'proxy':
      return 'proxy-fails';
    case 'tls':
      if (cause === 'reset') return 'tls-reset';
      if (cause !== 'tls' || !failure || failure === 'tls') return 'tls-fails';
      return failure === 'name-mismatch' ? 'name-rewritten' : 'certificate-not-valid';
    case 'first-byte':
    case 'body':
      return cause === 'blocked' ? cause : 'no-answer';
  }
}

/** Why an exchange brought no valid answer, or why what it brought was taken back; null: neither. */
export function troubleIn(end: Ended & Pick<Result, 'path'>, viaProxy: boolean): Trouble | null {
  switch (end.outcome) {
    case 'no-answer':
      return troubleOf({ ...end, failure: end.path.failure, viaProxy });
    case 'not-valid':
      return end.code === 'clock-mismatch' ? 'clock-wrong' : 'answer-not-valid';
    case 'reverted':
      return end.code === 'clock' ? 'clock-wrong' : 'not-confirmed';
    default:
      return null;
  }
}

// From what broke a path to the service, to the trouble that people and reports call it. @see spec M7
import type { Trouble } from '@windlass/protocol';
import type { NoAnswerCause, Stage } from './ports.ts';

/** Where a path broke, and why; `viaProxy`: it led through an explicit proxy. */
export interface BrokenPath {
  readonly stage: Stage;
  readonly cause: NoAnswerCause;
  readonly viaProxy: boolean;
}

/** The trouble that a broken path is. Of what was shown in TLS it knows nothing. */
export function troubleOf({ stage, cause, viaProxy }: BrokenPath): Trouble {
  if (cause === 'captive' || cause === 'proxy-authentication') return cause;
  switch (stage) {
    case 'name':
      return 'name-fails';
    case 'connect':
      if (viaProxy) return 'proxy-unreachable';
      return cause === 'timeout' || cause === 'reset' ? `tcp-${cause}` : 'tcp-refused';
    case 'proxy':
      return 'proxy-refuses';
    case 'tls':
      return cause === 'reset' ? 'tls-reset' : 'tls-fails';
    default:
      return cause === 'blocked' ? cause : 'no-answer';
  }
}

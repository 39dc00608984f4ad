// Why a path to a peer broke: one error class for every stage, and how the errors of Node become it.
import type { Duplex } from 'node:stream';
import type { Failure, NoAnswerCause, Stage } from '../ports.ts';

/**
 * A path broke at `stage` because of `reason`. The message is a sentence of ours, without its full stop, and quotes nothing that came from the network;
 * what Node said is kept as `cause`.
 */
export class PathError extends Error {
  readonly reason: NoAnswerCause;
  readonly stage: Stage;

  constructor(reason: NoAnswerCause, stage: Stage, options?: { readonly cause?: unknown; readonly sentence?: string }) {
    super(options?.sentence ?? SENTENCES[reason], { cause: options?.cause });
    this.reason = reason;
    this.stage = stage;
  }
}

const SENTENCES: Readonly<Record<NoAnswerCause, string>> = {
  blocked: 'the network answered in place of the peer: have the name allowed',
  captive: 'a portal answered in place of the peer: log in to the network',
  name: 'the name cannot be resolved: check the DNS',
  timeout: 'nothing came in time: the network drops this, or is too slow',
  refused: 'the port is closed, or there is no route',
  reset: 'the connection was cut: the network does not let it pass',
  tls: 'TLS could not be agreed on',
  proxy: 'the explicit proxy did not open a connection to the peer',
  'proxy-authentication': 'the proxy wants other credentials: configure them',
  empty: 'the connection was closed without an answer',
  truncated: 'the answer was cut short',
  'too-large': 'the answer is too large',
  encoding: 'the answer has another content coding, or a damaged one',
  http: 'what came is not HTTP',
};

/** What `path.failure` calls a reason, where it has a name for it. */
const FAILURES: Partial<Record<NoAnswerCause, Failure>> = {
  name: 'name-resolution',
  timeout: 'timeout',
  refused: 'refused',
  reset: 'reset',
  empty: 'reset',
  tls: 'tls',
  proxy: 'proxy',
  'proxy-authentication': 'proxy-authentication',
};

/** `error` as a PathError: itself where it is one, else by the code that Node gave it. */
export function asPathError(error: unknown, stage: Stage): PathError {
  return error instanceof PathError ? error : new PathError(reasonOf(error, stage), stage, { cause: error });
}

/** `error`, which must be a PathError; anything else is a bug and is thrown on. */
export function expectPathError(error: unknown): PathError {
  if (error instanceof PathError) return error;
  throw error;
}

/** What a request says about this error in `path.failure`. @see spec section 4 */
export function failureOf(error: PathError): Failure {
  return FAILURES[error.reason] ?? (error.stage === 'proxy' ? 'proxy' : 'not-an-answer');
}

const faults = new WeakMap<object, Error>();

/** Remembers what breaks `socket` while nobody waits for it: a TLS alert destroys it and leaves no trace on it. */
export function rememberFault(socket: { on(event: 'error', listener: (error: Error) => void): unknown }): void {
  socket.on('error', (error) => faults.set(socket, error));
}

/** What broke this destroyed socket: an error of Node, or a PathError `reset`. */
export function faultOf(socket: Duplex, stage: Stage): Error {
  return faults.get(socket) ?? socket.errored ?? new PathError('reset', stage);
}

/** The code that Node gave an error, or ''. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function reasonOf(error: unknown, stage: Stage): NoAnswerCause {
  const code = codeOf(error);
  if (stage === 'name') return 'name';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code === 'HPE_INVALID_EOF_STATE') return 'truncated';
  if (code.startsWith('HPE_')) return 'http';
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO)/.test(code)) return 'tls';
  if (code !== 'ECONNRESET') return stage === 'connect' ? 'refused' : 'reset';
  // Node's "socket hang up" has no system call: the peer closed in good order and said nothing.
  const hungUp = error instanceof Error && !('syscall' in error);
  return hungUp && stage === 'first-byte' ? 'empty' : 'reset';
}

// Why a path to a peer broke: one error class for every stage, and how the errors of Node become it.
import type { Duplex } from 'node:stream';
import type { Failure, NoAnswerCause, Stage } from '../ports.ts';

/**
 * A path broke at `stage` because of `reason`. The message is one sentence of ours and quotes nothing that came from the network;
 * what Node said is kept as `cause`.
 */
export class PathError extends Error {
  readonly reason: NoAnswerCause;
  readonly stage: Stage;

  constructor(reason: NoAnswerCause, stage: Stage, options?: { readonly cause?: unknown; readonly sentence?: string }) {
    super(options?.sentence ?? `${SENTENCES[reason]} (${stage}).`, { cause: options?.cause });
    this.reason = reason;
    this.stage = stage;
  }
}

const SENTENCES: Readonly<Record<NoAnswerCause, string>> = {
  blocked: 'The network answered in place of the peer: ask for the name to be allowed',
  captive: 'A portal answered in place of the peer: log in to the network first',
  name: 'The name cannot be resolved: check the DNS of this network',
  timeout: 'Nothing came in time: the network drops this connection or is too slow',
  refused: 'The connection was refused: the port is closed or there is no route',
  reset: 'The connection was cut: the network does not let it pass',
  tls: 'TLS could not be agreed on, or its certificate is not valid',
  proxy: 'The explicit proxy did not open a connection to the peer',
  'proxy-authentication': 'The proxy wants other credentials: set user and password in the configuration',
  empty: 'The connection was closed without an answer',
  truncated: 'The answer was cut short',
  'too-large': 'The answer is larger than any answer may be',
  encoding: 'The answer has a content coding that was not asked for, or is damaged',
  http: 'What came is not HTTP',
};

const CODES: Readonly<Record<string, NoAnswerCause>> = {
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  EACCES: 'refused',
  EPERM: 'refused',
  ETIMEDOUT: 'timeout',
  HPE_INVALID_EOF_STATE: 'truncated',
};

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
  const known = CODES[code];
  if (known) return known;
  if (stage === 'name') return 'name';
  if (code.startsWith('HPE_')) return 'http';
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') return 'tls';
  // Node's "socket hang up" has no system call: the peer closed in good order and said nothing.
  const hungUp = code === 'ECONNRESET' && !(error instanceof Error && 'syscall' in error);
  return hungUp && stage === 'first-byte' ? 'empty' : 'reset';
}

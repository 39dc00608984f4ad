// One HTTP/1.1 request on one connection, and all of its answer however it is framed.
import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_BODY_BYTES } from '@windlass/protocol';
import type { NoAnswerCause } from '../ports.ts';
import type { Attempt } from './attempt.ts';
import { decodeBody } from './decode-body.ts';
import { asPathError, faultOf, PathError } from './path-error.ts';

/** What a coded body of the largest size may need on the wire: a coding that does not help adds a little. */
const MAX_WIRE_BYTES = MAX_BODY_BYTES + 1_024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Origin form, or absolute form to an explicit proxy. */
  readonly path: string;
  /** Exactly these are sent, in this order. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer as it came. `problem`: the body is not whole; `body` is then what there was of it. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly problem: NoAnswerCause | null;
}

/**
 * Sends `message` over `socket` and reads the answer: Content-Length, chunked, or until the end of the connection, HTTP/1.1 or 1.0,
 * content coding removed. Redirects are not followed and nothing is kept for a next request.
 * @throws PathError of the stages `first-byte` and `body`
 */
export async function exchange(attempt: Attempt, socket: Duplex, message: HttpRequest): Promise<HttpAnswer> {
  const { response, whole } = await attempt.phase<Incoming>('first-byte', (done, fail) => {
    if (socket.destroyed) return fail(faultOf(socket, 'first-byte'));
    const { method, path, headers, body } = message;
    const sent = request({ method, path, headers, setHost: false, createConnection: () => socket });
    let heard = false;
    sent.on('socket', () => socket.once('data', () => (heard = true)));
    sent.on('error', (error) => {
      const broken = asPathError(error, 'first-byte');
      fail(heard && broken.reason === 'empty' ? new PathError('truncated', 'first-byte') : broken);
    });
    sent.on('close', () => fail(new PathError('reset', 'first-byte')));
    sent.on('upgrade', () => fail(new PathError('http', 'first-byte')));
    sent.on('response', (answer) => done({ response: answer, whole: collect(answer) }));
    sent.end(body);
  });
  const collected = await attempt.phase<Collected>('body', (done, fail) => {
    whole.then(done, fail);
  });
  return answerOf(response, collected);
}

interface Incoming {
  readonly response: IncomingMessage;
  readonly whole: Promise<Collected>;
}

interface Collected {
  readonly bytes: Uint8Array;
  readonly problem: 'truncated' | 'too-large' | null;
}

/** Listens from the very moment of the answer on, so that no error of it is without a listener. */
function collect(answer: IncomingMessage): Promise<Collected> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    let length = 0;
    const finish = (problem: Collected['problem']): void => resolve({ bytes: Buffer.concat(parts), problem });
    answer.on('data', (part: Uint8Array) => {
      length += part.length;
      if (length > MAX_WIRE_BYTES)
        finish('too-large'); // spec F1
      else parts.push(part);
    });
    answer.on('end', () => finish(answer.complete ? null : 'truncated'));
    answer.on('error', () => finish('truncated'));
    answer.on('close', () => finish('truncated'));
  });
}

function answerOf(response: IncomingMessage, { bytes, problem }: Collected): HttpAnswer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) headers[name] = String(value);
  const coding = headers['content-encoding'] ?? '';
  const body = decodeBody(bytes, bytes.length === 0 ? '' : coding, MAX_BODY_BYTES);
  const seen = { status: response.statusCode ?? 0, headers };
  if (body.kind === 'bytes') return { ...seen, body: body.bytes, problem };
  return {
    ...seen,
    body: coding === '' ? bytes.subarray(0, MAX_BODY_BYTES) : new Uint8Array(),
    problem: problem ?? body.reason,
  };
}

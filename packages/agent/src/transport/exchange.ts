// One HTTP/1.1 request on one connection, and all of its answer however it is framed.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_BODY_BYTES } from '@windlass/protocol';
import type { NoAnswerCause } from '../ports.ts';
import type { Attempt } from './attempt.ts';
import { decodeBody } from './decode-body.ts';
import { request } from './node-http.ts';
import { asPathError, expectPathError } from './path-error.ts';

/** What a coded body of the largest size may need on the wire: a coding that does not help adds a little. */
const MAX_WIRE_BYTES = MAX_BODY_BYTES + 1_024;

export interface HttpRequest {
  /** Origin form, or absolute form to an explicit proxy. */
  readonly path: string;
  /** The field Host. */
  readonly host: string;
  /** JSON to be posted; without it the request is a GET. */
  readonly body?: string;
  /** Header fields for an explicit proxy; or others in place of the usual ones. */
  readonly more?: Readonly<Record<string, string>>;
  /** Header fields that ask for another protocol on this connection; an answer that grants it has no body. */
  readonly upgrade?: Readonly<Record<string, string>>;
}

/** An answer as it came. `problem`: the body is not whole; `body` is then what there was of it. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  readonly problem: NoAnswerCause | null;
}

/**
 * Sends `message` over `socket` and reads the answer: Content-Length, chunked, or until the end of the connection, HTTP/1.1 or 1.0,
 * content coding removed. Redirects are not followed and nothing is kept for a next request.
 * @throws PathError of the stages `first-byte` and `body`
 */
export async function exchange(attempt: Attempt, socket: Duplex, message: HttpRequest): Promise<HttpAnswer> {
  const [response, whole] = await attempt.phase<readonly [IncomingMessage, Promise<Collected>]>(
    'first-byte',
    (done, fail) => {
      if (socket.destroyed) return fail(attempt.fault ?? socket.errored);
      let heard = false;
      const sent = request({ ...headOf(message), setHost: false, createConnection: () => socket });
      sent.on('socket', () => socket.once('data', () => (heard = true)));
      sent.on('error', (error) => {
        const broken = asPathError(error, 'first-byte');
        fail(heard && broken.reason === 'empty' ? 'truncated' : broken);
      });
      sent.on('close', () => fail());
      sent.on('upgrade', (granted) => (message.upgrade ? done([granted, Promise.resolve(NO_BODY)]) : fail('http')));
      sent.on('response', (response) => done([response, collect(response)]));
      sent.end(message.body);
    },
  );
  const collected = await attempt.phase<Collected>('body', (done) => {
    whole.then(done);
  });
  return answerOf(response, collected);
}

/** Exactly these header fields are sent, in this order. @see spec L7 */
function headOf({ path, host, body, more, upgrade }: HttpRequest) {
  const headers = {
    Host: host,
    'User-Agent': 'windlass',
    Accept: body ? 'application/json' : '*/*',
    ...(body && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }), // spec L5
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...more,
    ...upgrade,
  };
  return { method: body ? 'POST' : 'GET', path, headers };
}

interface Collected {
  readonly bytes: Uint8Array;
  readonly problem: 'truncated' | 'too-large' | null;
}

const NO_BODY: Collected = { bytes: new Uint8Array(), problem: null };

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
    for (const event of ['end', 'error', 'close']) answer.on(event, () => finish(answer.complete ? null : 'truncated'));
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, { bytes, problem }: Collected): HttpAnswer {
  const coding = headers['content-encoding'] ?? '';
  const answer = { status: statusCode, headers };
  try {
    return { ...answer, body: bytes.length > 0 ? decodeBody(bytes, coding, MAX_BODY_BYTES) : bytes, problem };
  } catch (error) {
    const body = bytes.subarray(0, coding ? 0 : MAX_BODY_BYTES);
    return { ...answer, body, problem: problem ?? expectPathError(error).reason };
  }
}

// The rungs: HTTPS judged after the handshake, or plain HTTP; one request per connection, the same few header fields on each.
// @see spec section 6
import type { Duplex } from 'node:stream';
import type { Connection, NoAnswer, Transport, TrustView } from '../ports.ts';
import { type Attempt, startAttempt } from './attempt.ts';
import { classifyBody, redirectHost } from './classify-body.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './exchange.ts';
import { presentedChain, shakeHands } from './handshake.ts';
import { isPathForUnvalidatedUse, judgeChain } from './judge-chain.ts';
import { expectPathError, failureOf, PathError } from './path-error.ts';
import { authority, openPlainRoute, type PathOptions, proxyCredentials } from './route.ts';

export interface TransportOptions extends PathOptions {
  /** The service's DNS name. */
  readonly service: string;
  readonly ports: { readonly http: number; readonly https: number };
}

/** A transport to `service`; opens nothing yet. */
export function createTransport(options: TransportOptions): Transport {
  return {
    connect: (scheme, trust) => connect(options, scheme, trust),
    prove: (pem) => prove(options, pem),
  };
}

async function connect(
  options: TransportOptions,
  scheme: 'https' | 'http',
  trust: TrustView,
): Promise<Connection | NoAnswer> {
  const { service: host, ports } = options;
  const target = { host, port: ports[scheme] };
  const attempt = startAttempt(options.deadlines);
  let seen: Seen = { failure: null, presentedChain: [] };
  try {
    if (scheme === 'http') {
      const socket = await openPlainRoute(attempt, options, target);
      return connection(options, attempt, socket, { ...seen, rung: 3, issuer: null });
    }
    const { socket, chain } = await shakeHands(attempt, options, target);
    const { failure, inspectionCa: issuer } = judgeChain(chain, host, trust, host);
    seen = { failure, presentedChain: presentedChain(chain) };
    if (failure && !isPathForUnvalidatedUse(failure, trust.state)) throw new PathError('tls', 'tls'); // spec L2
    return connection(options, attempt, socket, { ...seen, rung: failure ? 2 : 1, issuer });
  } catch (thrown) {
    attempt.end();
    return noAnswer(thrown, seen);
  }
}

type Seen = Pick<Connection, 'failure' | 'presentedChain'>;

function connection(
  options: TransportOptions,
  attempt: Attempt,
  socket: Duplex,
  about: Pick<Connection, 'rung' | 'failure' | 'presentedChain' | 'issuer'>,
): Connection {
  return {
    ...about,
    async post(path, body, isAnswer) {
      let hint: Hint = { status: null };
      try {
        const answer = await exchange(attempt, socket, { ...addressed(options, about.rung, path), body });
        hint = hintOf(answer);
        checkAnswer(options, answer, isAnswer);
        return { kind: 'body', body: answer.body };
      } catch (thrown) {
        return { ...noAnswer(thrown, { ...about, failure: null }), ...hint };
      } finally {
        attempt.end(); // spec L3
      }
    },
    close: () => attempt.end(),
  };
}

type Hint = Pick<NoAnswer, 'status' | 'retryAfterSeconds'>;

/** What the head of an answer says, whoever wrote it. @see spec L9 */
function hintOf({ status, headers }: HttpAnswer): Hint {
  const seconds = status === 429 || status === 503 ? Number(headers['retry-after']) : 0;
  return { status, ...(seconds > 0 && { retryAfterSeconds: seconds }) };
}

/** Where the request goes. @see spec L7 */
export function addressed(
  { service, ports, explicitProxy }: TransportOptions,
  rung: Connection['rung'],
  path: string,
): HttpRequest {
  if (rung < 3) return { path, host: authority({ host: service, port: ports.https }, 443) };
  const host = authority({ host: service, port: ports.http }, 80);
  if (!explicitProxy) return { path, host };
  // For the proxy, not for the service: RFC 9110 section 11.7.1 has it consumed there.
  return { path: `http://${host}${path}`, host, proxy: proxyCredentials(explicitProxy) };
}

/** It is the service's. @throws PathError */
function checkAnswer(
  { service, explicitProxy }: TransportOptions,
  answer: HttpAnswer,
  isAnswer: (body: Uint8Array) => boolean,
): void {
  const { status, headers, problem } = answer;
  if (status === 407 || (status === 401 && explicitProxy)) throw new PathError('proxy-authentication', 'first-byte');
  const there = redirectHost(status, headers.location, service);
  if (there) throw new PathError(there === service ? 'blocked' : 'captive', 'first-byte'); // spec L4
  const found = classifyBody(answer, isAnswer);
  const isPage = found === 'blocked' || found === 'captive';
  const cause = isPage ? found : (problem ?? found);
  if (cause) throw new PathError(cause, 'body'); // spec L4
}

function noAnswer(thrown: unknown, { failure, presentedChain }: Seen): NoAnswer {
  const error = expectPathError(thrown);
  const { reason: cause, stage } = error;
  return { kind: 'no-answer', cause, stage, failure: failure ?? failureOf(error), presentedChain, status: null };
}

/** By Node's own validation, on the way of all others: as most programs judge, and then as those that take any anchor. */
async function prove(options: TransportOptions, pem: string, needsRoot = true): Promise<string | null> {
  const { service: host, ports, ...path } = options;
  const attempt = startAttempt(path.deadlines);
  let refused: string;
  try {
    const { socket } = await shakeHands(attempt, path, { host, port: ports.https, trusted: [pem], needsRoot });
    if (socket.authorized) return null;
    refused = `${socket.authorizationError}`;
  } catch (thrown) {
    const { stage, reason } = expectPathError(thrown);
    return `${stage}, ${reason}`;
  } finally {
    attempt.end();
  }
  return needsRoot && (await prove(options, pem, false)) === null ? 'partial-chain' : refused;
}

// The rungs: HTTPS judged after the handshake, or plain HTTP; one request per connection, the same few header fields on each.
// @see spec section 6
import type { Duplex } from 'node:stream';
import type { Connection, HostPort, NoAnswer, Transport, TrustView } from '../ports.ts';
import { type Attempt, startAttempt } from './attempt.ts';
import { classifyBody, redirectHost } from './classify-body.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './exchange.ts';
import { presentedChain, shakeHands } from './handshake.ts';
import { isPathForUnvalidatedUse, judgeChain } from './judge-chain.ts';
import { expectPathError, failureOf, PathError } from './path-error.ts';
import { authority, openRoute, type PathOptions } from './route.ts';

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
  const way = { options, attempt, target };
  let seen: Seen = { failure: null, presentedChain: [] };
  try {
    if (scheme === 'http') {
      const socket = await openRoute(attempt, options, { ...target, scheme });
      return connection(way, socket, { ...seen, rung: 3, issuer: null });
    }
    const { socket, chain } = await shakeHands(attempt, options, target);
    const { failure, inspectionCa: issuer } = judgeChain(chain, host, trust, host);
    seen = { failure, presentedChain: presentedChain(chain) };
    if (failure && !isPathForUnvalidatedUse(failure, trust.state)) throw new PathError('tls', 'tls'); // spec L2
    return connection(way, socket, { ...seen, rung: failure ? 2 : 1, issuer });
  } catch (thrown) {
    attempt.end();
    return noAnswer(way, thrown, seen);
  }
}

type Seen = Pick<Connection, 'failure' | 'presentedChain'>;

/** One attempt to reach the service, whose port tells HTTPS and HTTP apart. */
export interface Way {
  readonly options: TransportOptions;
  readonly attempt: Attempt;
  readonly target: HostPort;
}

function connection(
  way: Way,
  socket: Duplex,
  about: Pick<Connection, 'rung' | 'failure' | 'presentedChain' | 'issuer'>,
): Connection {
  const { attempt } = way;
  return {
    ...about,
    ...(attempt.proxy && { explicitProxy: attempt.proxy.address }),
    async post(path, body, isAnswer) {
      let hint: Hint = { status: null };
      try {
        const answer = await exchange(attempt, socket, { ...addressed(way, about.rung, path), body });
        hint = hintOf(answer);
        checkAnswer(way, answer, isAnswer);
        return { kind: 'body', body: answer.body };
      } catch (thrown) {
        return { ...noAnswer(way, thrown, { ...about, failure: null }), ...hint };
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
export function addressed({ attempt: { proxy }, target }: Way, rung: Connection['rung'], path: string): HttpRequest {
  if (rung < 3) return { path, host: authority(target, 443) };
  const host = authority(target, 80);
  if (!proxy) return { path, host };
  // For the proxy, not for the service: RFC 9110 section 11.7.1 has it consumed there.
  return { path: `http://${host}${path}`, host, more: proxy.headers };
}

/** It is the service's. @throws PathError */
export function checkAnswer(
  { attempt: { proxy }, target: { host } }: Way,
  answer: HttpAnswer,
  isAnswer: (body: Uint8Array) => boolean,
): void {
  const { status, headers, problem } = answer;
  if (status === 407 || (status === 401 && proxy))
    throw new PathError('proxy-authentication', 'first-byte', headers['proxy-authenticate']);
  const there = redirectHost(status, headers.location, host);
  if (there) throw new PathError(there === host ? 'blocked' : 'captive', 'first-byte'); // spec L4
  const found = classifyBody(answer, isAnswer);
  const isPage = found === 'blocked' || found === 'captive';
  const cause = isPage ? found : (problem ?? found);
  if (cause) throw new PathError(cause, 'body'); // spec L4
}

function noAnswer({ options, attempt, target }: Way, thrown: unknown, { failure, presentedChain }: Seen): NoAnswer {
  const error = expectPathError(thrown);
  const { reason: cause, stage } = error;
  options.routes?.learn(target, cause);
  const seen = { failure: failure ?? failureOf(error), presentedChain, status: null };
  const challenge = cause === 'proxy-authentication' && { challenge: error.cause };
  const explicitProxy = attempt.proxy && { ...attempt.proxy.address, ...challenge };
  return { kind: 'no-answer', cause, stage, ...seen, ...(explicitProxy && { explicitProxy }) };
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

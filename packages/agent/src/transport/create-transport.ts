// The ladder: HTTPS judged after the handshake, or plain HTTP; one request per connection, the same few header fields on each.
// @see spec section 6
import type { Duplex } from 'node:stream';
import type { Connection, Exchange, Failure, NoConnection, Transport, TrustView } from '../ports.ts';
import { type Attempt, startAttempt } from './attempt.ts';
import { classifyBody, classifyRedirect } from './classify-body.ts';
import { exchange, type HttpAnswer } from './exchange.ts';
import { presentedChain, shakeHands } from './handshake.ts';
import { isPathForUnvalidatedUse, judgeChain } from './judge-chain.ts';
import { expectPathError, failureOf, PathError } from './path-error.ts';
import { probeEndpoint } from './probe.ts';
import { deadlinesOf, openPlainRoute, openRoute, type PathOptions, proxyCredentials } from './route.ts';

export interface TransportOptions extends PathOptions {
  /** The service's DNS name. */
  readonly service: string;
  readonly ports: { readonly http: number; readonly https: number };
}

/** A transport to `service` and to the endpoints of profiles; opens nothing yet. */
export function createTransport(options: TransportOptions): Transport {
  return {
    connect: ({ trust, from }) => connect(options, trust, from),
    probe: (endpoint, trust) => probeEndpoint(options, endpoint, trust),
  };
}

/** What is known after HTTPS was tried. */
interface Tried {
  readonly failure: Failure;
  readonly error: PathError;
  readonly presentedChain: readonly Uint8Array[];
}

async function connect(options: TransportOptions, trust: TrustView, from: 1 | 3): Promise<Connection | NoConnection> {
  const secured = from === 1 ? await connectSecured(options, trust) : null;
  if (secured && 'rung' in secured) return secured;
  const plain = await connectPlain(options, secured);
  if ('rung' in plain) return plain;
  const { error, failure } = secured ?? { error: plain, failure: failureOf(plain) };
  const chain = secured?.presentedChain ?? [];
  return {
    kind: 'no-answer',
    cause: error.reason,
    stage: error.stage,
    failure,
    presentedChain: chain,
    detail: error.message,
  };
}

/** Rung 1 or 2: the same connection, told apart by the judgement of its chain, before which nothing is sent. */
async function connectSecured(options: TransportOptions, trust: TrustView): Promise<Connection | Tried> {
  const { service, ports } = options;
  const attempt = startAttempt(deadlinesOf(options));
  let presented: readonly Uint8Array[] = [];
  try {
    const tcp = await openRoute(attempt, options, { host: service, port: ports.https });
    const { socket, chain } = await shakeHands(attempt, tcp, service);
    presented = presentedChain(chain);
    const judgement = judgeChain(chain, service, trust, service);
    const failure = judgement.kind === 'valid' ? null : judgement.failure;
    if (failure && !isPathForUnvalidatedUse(failure, trust.clock)) throw new NotForThisPeer(failure); // spec L2
    const issuer = judgement.kind === 'valid' ? judgement.inspectionCa : null;
    return connection(options, attempt, socket, { rung: failure ? 2 : 1, failure, presentedChain: presented, issuer });
  } catch (thrown) {
    attempt.end();
    const error = expectPathError(thrown);
    return {
      failure: thrown instanceof NotForThisPeer ? thrown.failure : failureOf(error),
      error,
      presentedChain: presented,
    };
  }
}

async function connectPlain(options: TransportOptions, tried: Tried | null): Promise<Connection | PathError> {
  const { service, ports } = options;
  const attempt = startAttempt(deadlinesOf(options));
  try {
    const socket = await openPlainRoute(attempt, options, { host: service, port: ports.http });
    const { failure = null, presentedChain: presented = [] } = tried ?? {};
    return connection(options, attempt, socket, { rung: 3, failure, presentedChain: presented, issuer: null });
  } catch (thrown) {
    attempt.end();
    return expectPathError(thrown);
  }
}

/** The chain failed in a way that no unvalidated connection may follow. */
class NotForThisPeer extends PathError {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super('tls', 'tls', { sentence: `the certificate of the peer is not valid: ${failure}` });
    this.failure = failure;
  }
}

function connection(
  options: TransportOptions,
  attempt: Attempt,
  socket: Duplex,
  about: Pick<Connection, 'rung' | 'failure' | 'presentedChain' | 'issuer'>,
): Connection {
  let used = false;
  const proxy = options.explicitProxy;
  return {
    ...about,
    explicitProxy: proxy ? { host: proxy.host, port: proxy.port } : null,
    async post(path, body) {
      if (used) throw new Error('A connection is for one request.');
      used = true;
      try {
        return judged(options, await exchange(attempt, socket, postOf(options, about.rung, path, body)));
      } catch (thrown) {
        const error = expectPathError(thrown);
        return noAnswer(error);
      } finally {
        attempt.end(); // spec L3
      }
    },
    close: () => attempt.end(),
  };
}

/** @see spec L7 */
function postOf(
  { service, ports, explicitProxy }: TransportOptions,
  rung: 1 | 2 | 3,
  path: string,
  body: string,
): Parameters<typeof exchange>[2] {
  const plain = rung === 3;
  const port = plain ? ports.http : ports.https;
  const host = port === (plain ? 80 : 443) ? service : `${service}:${port}`;
  const headers = {
    Host: host,
    'User-Agent': 'windlass',
    Accept: 'application/json',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)), // spec L5
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  if (!plain || !explicitProxy) return { method: 'POST', path, headers, body };
  // For the proxy, not for the service: RFC 9110 section 11.7.1 has it consumed there.
  return {
    method: 'POST',
    path: `http://${host}${path}`,
    headers: { ...headers, ...proxyCredentials(explicitProxy) },
    body,
  };
}

function judged(
  { service, explicitProxy }: TransportOptions,
  { status, headers, body, problem }: HttpAnswer,
): Exchange {
  const contentType = headers['content-type'] ?? '';
  const wantsPassword = status === 407 || (status === 401 && explicitProxy !== undefined);
  if (wantsPassword) return noAnswer(new PathError('proxy-authentication', 'first-byte'));
  const redirect = classifyRedirect(status, headers['location'], service);
  if (redirect) return noAnswer(new PathError(redirect, 'first-byte')); // spec L4
  const kind = classifyBody(status, contentType, body);
  const isPage = kind === 'blocked' || kind === 'captive';
  if (problem && !isPage) return noAnswer(new PathError(problem, 'body')); // spec L4
  if (kind !== 'body') return noAnswer(new PathError(kind, 'body')); // spec L4
  return { kind: 'body', status, contentType, body };
}

function noAnswer({ reason, stage, message }: PathError): Extract<Exchange, { kind: 'no-answer' }> {
  return { kind: 'no-answer', cause: reason, stage, detail: message };
}

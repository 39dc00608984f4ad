/** The conduct of the faulty proxy: at each step of a connection it looks up which behaviours are on, and does that. */

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { readBytes } from '../proxies/byte-reader.ts';
import { blockPage, blockPageHeaders, honestConduct } from '../proxies/honest-conduct.ts';
import {
  encodeHead,
  type HttpMessage,
  headerOf,
  makeResponse,
  readRequest,
  readResponse,
  withHeaders,
} from '../proxies/http-message.ts';
import type { ClientConnection, Conduct, Entrance, InspectingProxyOptions } from '../proxies/inspecting-proxy.ts';
import type { TlsConduct } from '../proxies/tls-termination.ts';
import { openUpstream, UpstreamError } from '../proxies/upstream.ts';
import type { Behaviour } from './behaviours.ts';
import { admitExplicit } from './explicit-admission.ts';
import type { Recording } from './recording.ts';
import { spoil } from './spoilt-answer.ts';

export interface FaultyConductOptions extends InspectingProxyOptions {
  readonly recording: Recording;
  /** Which behaviours are on for this entrance, name and path, as far as they are known at that step. */
  readonly active: (at: { entrance: Entrance; name?: string; path?: string }) => ReadonlySet<Behaviour>;
  /** `user:password` that proxy-authentication asks for. */
  readonly proxyCredentials: string;
  readonly drip: { readonly bytes: number; readonly everyMs: number };
  /** The last word on what the origin answered, for attacks that a test makes itself. */
  readonly rewriteAnswer?: RewriteAnswer;
}

/** The answer to serve instead of the origin's. */
export type RewriteAnswer = (answer: HttpMessage, request: HttpMessage) => HttpMessage;

export function faultyConduct(options: FaultyConductOptions): Conduct {
  const { active } = options;
  const honest = honestConduct(options);
  return {
    accept: (socket, entrance) => {
      const on = active({ entrance });
      if (on.has('reset-after-accept')) socket.resetAndDestroy();
      return on.has('reset-after-accept') || on.has('hang-after-accept') ? 'taken' : 'serve';
    },
    tls: (entrance, name) => tlsConduct(active(name === undefined ? { entrance } : { entrance, name })),
    admit: (request) => admitExplicit(request, active({ entrance: 'explicit' }), options),
    serve: async (connection) => {
      const on = active(connection);
      if (on.has('hang-after-handshake')) return;
      if (on.has('reset-after-handshake')) connection.socket.resetAndDestroy();
      // Other protocols than HTTP are passed on as they are: their faults are those of TLS.
      else if (connection.port === 8883) await honest.serve(connection);
      else await serveHttp(options, connection);
    },
  };
}

function tlsConduct(on: ReadonlySet<Behaviour>): TlsConduct {
  const leaf = leafVariations.find(([behaviour]) => on.has(behaviour))?.[1];
  return {
    ...(leaf ? { leaf } : {}),
    ...(on.has('leaf-only-chain') ? { chain: 'leaf-only' } : {}),
    ...(on.has('chain-with-root-and-duplicates') ? { chain: 'with-root-and-duplicates' } : {}),
    ...(on.has('tls12-only') ? { maxVersion: 'TLSv1.2' } : {}),
    ...(on.has('alpn-fatal') ? { alpn: 'fatal' } : {}),
    ...(on.has('strips-client-certificate') ? { clientCertificate: 'requested' } : {}),
  };
}

const leafVariations = [
  ['expired-leaf', 'expired'],
  ['not-yet-valid-leaf', 'not-yet-valid'],
  ['wrong-name-leaf', 'wrong-name'],
  ['leaf-without-key-identifiers', 'without-key-identifiers'],
  ['self-signed-leaf', 'self-signed'],
  ['ecdsa-leaf', 'ecdsa'],
  ['twin-ca', 'twin-issuer'],
  ['distrusted-issuer', 'distrusted-issuer'],
] as const;

/** One request, recorded, answered as the behaviours say, then the connection is closed. */
async function serveHttp(options: FaultyConductOptions, connection: ClientConnection): Promise<void> {
  const { stream, name, port, transport, entrance } = connection;
  const request = connection.first ?? (await readRequest(readBytes(stream)));
  if (!request) return;
  const path = request.startLine.split(' ')[1] ?? '/';
  const on = options.active({ entrance, name, path });
  const { startLine, headers, body, raw } = request;
  const exchange = options.recording.add({
    ...{ entrance, transport, name, port, startLine, headers, body },
    rawRequest: raw,
    clientCertificate: presented(stream) ? 'presented' : 'none',
    behaviours: [...on],
  });
  if (on.has('hang-after-request')) return;
  const bytes = spoil(await answerTo(options, connection, request, on), on);
  exchange.answered(bytes);
  if (on.has('slow-drip')) await drip(stream, bytes, options.drip);
  else stream.write(bytes);
  stream.end();
}

async function answerTo(
  options: FaultyConductOptions,
  connection: ClientConnection,
  request: HttpMessage,
  on: ReadonlySet<Behaviour>,
): Promise<HttpMessage> {
  const made = ownAnswer(request, on);
  if (made) return made;
  const { recording } = options;
  const target = `${connection.name} ${request.startLine}`;
  const old = on.has('replay-old-answer') ? recording.lastFor(target) : undefined;
  if (old) return old;
  const genuine = await askOrigin(options, connection, request);
  const swapped = on.has('swap-answers') ? recording.lastForOther(request.body) : undefined;
  recording.keep(target, request.body, genuine);
  return swapped ?? options.rewriteAnswer?.(genuine, request) ?? genuine;
}

function ownAnswer(request: HttpMessage, on: ReadonlySet<Behaviour>): HttpMessage | undefined {
  const page = (status: string): HttpMessage => makeResponse(status, blockPageHeaders, blockPage('policy'));
  if (on.has('refuse-chunked-requests') && headerOf(request, 'transfer-encoding')) {
    return makeResponse('411 Length Required', blockPageHeaders, blockPage('length required'));
  }
  if (on.has('block-page-200')) return page('200 OK');
  if (on.has('block-page-403')) return page('403 Forbidden');
  if (on.has('block-page-503')) return page('503 Service Unavailable');
  if (on.has('portal-511')) return page('511 Network Authentication Required');
  if (!on.has('redirect-to-portal')) return undefined;
  const location = ['Location', 'http://portal.invalid/login?back=1'] as const;
  const cookie = ['Set-Cookie', 'portal=please-return-me; Path=/'] as const;
  return makeResponse('302 Found', [location, cookie, ...blockPageHeaders], blockPage('log in first'));
}

async function askOrigin(
  options: FaultyConductOptions,
  { name, port, transport }: ClientConnection,
  request: HttpMessage,
): Promise<HttpMessage> {
  try {
    const upstream = await openUpstream(options, name, port, transport);
    const closing = withHeaders(request, ['connection', 'keep-alive'], [['Connection', 'close']]);
    const wireBody = request.raw.subarray(request.raw.indexOf('\r\n\r\n') + 4);
    upstream.write(Buffer.concat([encodeHead(closing), wireBody]));
    const answer = await readResponse(readBytes(upstream), request.startLine.split(' ')[0] ?? 'GET');
    upstream.destroy();
    return answer;
  } catch (error) {
    const reason = error instanceof UpstreamError ? error.reason : 'no answer';
    return makeResponse('503 Service Unavailable', blockPageHeaders, blockPage(reason));
  }
}

async function drip(stream: Socket, bytes: Buffer, pace: FaultyConductOptions['drip']): Promise<void> {
  for (let at = 0; at < bytes.length && !stream.destroyed; at += pace.bytes) {
    stream.write(bytes.subarray(at, at + pace.bytes));
    await sleep(pace.everyMs, undefined, { ref: false });
  }
}

function presented(stream: Socket): boolean {
  return stream instanceof TLSSocket && Object.keys(stream.getPeerCertificate() ?? {}).length > 0;
}

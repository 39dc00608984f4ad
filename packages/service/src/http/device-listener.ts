// The device listener: two routes, on HTTP and HTTPS alike, and health. Whoever is not a known device learns nothing: every
// refusal before the device is verified is the same bytes. @see spec sections 4 and 7
import type { ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { MAX_BODY_BYTES, ProtocolError } from '@windlass/protocol';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { QuotaError, StoreError } from '../errors.ts';
import { SignerError } from '../signer/ports.ts';
import { createTokenBuckets, type TokenBuckets } from '../token-buckets.ts';
import { type ConnectionLimits, limitConnections } from './connection-limits.ts';
import { type LogSink, type SampledLog, sampleLog } from './sampled-log.ts';
import type { TlsIdentity } from './tls-files.ts';

/** What the listener asks of the service. Each throws ProtocolError for what is not of a known device. */
export interface DeviceHandlers {
  bootstrap(body: Uint8Array): Promise<{ readonly body: string; readonly outcome: string }>;
  report(body: Uint8Array): Promise<string>;
  /** Public. */
  health(): Promise<{ readonly status: 'ok' | 'warning' }>;
}

/** Where to listen, and what may be asked. */
export interface DeviceListenerOptions {
  readonly handlers: DeviceHandlers;
  readonly address: string;
  /** null: no HTTP; 0: any free one. */
  readonly httpPort: number | null;
  /** null: no HTTPS; 0: any free one. */
  readonly httpsPort: number | null;
  /** One for each kind of key; used for HTTPS. */
  readonly tls: readonly TlsIdentity[];
  /** Of one client address, over time. */
  readonly requestsPerSecond: number;
  /** After how long a connection on which nothing moves is closed. Default 30 000. */
  readonly idleMilliseconds?: number;
  readonly log: LogSink;
}

/** A listener that answers. */
export interface DeviceListener {
  readonly urls: Readonly<Record<string, string>>;
  /** By the same names: ADDRESS:PORT as it was bound. */
  readonly addresses: Readonly<Record<string, string>>;
  /** HTTPS shows these from now on. */
  replaceTls(tls: readonly TlsIdentity[]): void;
  /** Nothing new is accepted; resolves when requests under way are answered, or after a few seconds without them. */
  close(): Promise<void>;
}

const WELL_KNOWN = '/.well-known/windlass/v1';
const REQUEST_TIMEOUT_MILLISECONDS = 15_000;
const HEADERS_TIMEOUT_MILLISECONDS = 10_000;
const CHECK_TIMEOUTS_MILLISECONDS = 1_000;
const KEEP_ALIVE_TIMEOUT_MILLISECONDS = 5_000;
const HANDSHAKE_TIMEOUT_MILLISECONDS = 10_000;
const CLOSE_TIMEOUT_MILLISECONDS = 5_000;
const CLOSE_POLL_MILLISECONDS = 20;
const MAX_HEADER_BYTES = 8_192;
const IDLE_TIMEOUT_MILLISECONDS = 30_000;
const CONNECTIONS: ConnectionLimits = { total: 4_096, perClient: 512 };
const MAX_ADDRESSES = 100_000;
const BURST_SECONDS = 4;
const RETRY_SECONDS = 5;
const ANY_BODY = 'application/octet-stream';

/** The ports answer. @throws what node:net throws when one is not free */
export async function startDeviceListener(options: DeviceListenerOptions): Promise<DeviceListener> {
  const { address, httpPort, httpsPort, requestsPerSecond: perSecond } = options;
  const buckets = createTokenBuckets({ perSecond, burst: perSecond * BURST_SECONDS, maxAddresses: MAX_ADDRESSES });
  const { handlers, idleMilliseconds = IDLE_TIMEOUT_MILLISECONDS } = options;
  const context: Context = { handlers, buckets, log: sampleLog(options.log), active: new Set(), idleMilliseconds };
  const servers: FastifyInstance[] = [];
  const urls: Record<string, string> = {};
  const addresses: Record<string, string> = {};
  const close = () => Promise.all(servers.map((server) => closeServer(server, context.active))).then(() => undefined);
  const listen = async (name: string, port: number, server: FastifyInstance) => {
    servers.push(server);
    await server.listen({ host: address, port });
    urls[name] = urlOf(name, server);
    addresses[name] = addressOf(server);
  };
  try {
    if (httpPort !== null) await listen('device-http', httpPort, createServer(context, null));
    if (httpsPort !== null) await listen('device-https', httpsPort, createServer(context, options.tls));
  } catch (cause) {
    await close();
    throw cause;
  }
  const replaceTls = (tls: readonly TlsIdentity[]) => {
    for (const { server } of servers) {
      if ('setSecureContext' in server && typeof server.setSecureContext === 'function') {
        server.setSecureContext(secureOptions(tls));
      }
    }
  };
  return { urls, addresses, replaceTls, close };
}

interface Context {
  readonly handlers: DeviceHandlers;
  readonly buckets: TokenBuckets;
  readonly log: SampledLog;
  /** Requests that are not answered yet. */
  readonly active: Set<FastifyRequest>;
  readonly idleMilliseconds: number;
}

const httpOptions: ServerOptions = {
  headersTimeout: HEADERS_TIMEOUT_MILLISECONDS,
  connectionsCheckingInterval: CHECK_TIMEOUTS_MILLISECONDS,
  maxHeaderSize: MAX_HEADER_BYTES,
};

function createServer(context: Context, tls: readonly TlsIdentity[] | null): FastifyInstance {
  const server: FastifyInstance = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    // Also for who sends and never reads: nothing else ends that.
    connectionTimeout: context.idleMilliseconds,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MILLISECONDS,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    clientErrorHandler: (_, socket) => refuseConnection(socket),
    // What fails before a route is looked for comes past every hook.
    frameworkErrors: (_, __, reply) => {
      reply.hijack();
      const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' };
      reply.raw.writeHead(400, headers).end(problemOf(400));
    },
    ...(tls === null ? { http: httpOptions } : { https: { ...httpOptions, ...secureOptions(tls) } }),
  });
  limitConnections(server.server, CONNECTIONS);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(ANY_BODY, { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  server.addHook('onRequest', async (request, reply) => admit(context, request, reply));
  server.addHook('onResponse', async (request) => {
    context.active.delete(request);
  });
  server.addHook('onRequestAbort', async (request) => {
    context.active.delete(request);
  });
  server.post(`${WELL_KNOWN}/bootstrap`, (request, reply) => answerBootstrap(context, request, reply));
  server.post(`${WELL_KNOWN}/report`, (request, reply) => answerReport(context, request, reply));
  server.get('/healthz', async (_, reply) => reply.send(await context.handlers.health()));
  server.setNotFoundHandler((request, reply) => refuse(context, request, reply, 404, 'no-such-route'));
  server.setErrorHandler((error, request, reply) => answerError(context, error, request, reply));
  return server;
}

/** Forward secrecy and nothing old; no client certificate is asked for: an inspecting proxy would strip it (spec M3). */
function secureOptions(tls: readonly TlsIdentity[]) {
  return {
    cert: tls.map(({ certificate }) => certificate),
    key: tls.map(({ key }) => key),
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    requestCert: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MILLISECONDS,
  } as const;
}

/** Before the body is read. What is sent here ends the request. */
async function admit(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  context.active.add(request);
  reply.header('cache-control', 'no-store');
  // What a client calls its body changes nothing.
  request.raw.headers['content-type'] = ANY_BODY;
  const wait = context.buckets.take(request.ip, performance.now());
  if (wait > 0) return refuse(context, request, reply.header('retry-after', wait), 429, 'too-many');
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') return refuse(context, request, reply, 400, 'content-coding');
  return undefined;
}

async function answerBootstrap({ handlers, log }: Context, request: FastifyRequest, reply: FastifyReply) {
  const { body, outcome } = await handlers.bootstrap(bodyOf(request));
  log.count({ route: 'bootstrap', status: 200, outcome });
  return sendJson(reply, 'application/json', body);
}

async function answerReport({ handlers, log }: Context, request: FastifyRequest, reply: FastifyReply) {
  const body = await handlers.report(bodyOf(request));
  log.count({ route: 'report', status: 200, outcome: 'acknowledged' });
  return sendJson(reply, 'application/json', body);
}

function bodyOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

/** Only here an error becomes a response. @see spec S1, M4 */
function answerError(context: Context, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof ProtocolError) return refuse(context, request, reply, 400, error.code);
  if (error instanceof QuotaError)
    return refuse(context, request, reply.header('retry-after', error.seconds), 429, 'quota');
  if (error instanceof StoreError || error instanceof SignerError) {
    context.log.failure(error, routeOf(request), performance.now());
    return refuse(context, request, reply.header('retry-after', RETRY_SECONDS), 503, error.code);
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  // The framework's own: too long, cut off, no length.
  if (status >= 400 && status < 500) return refuse(context, request, reply, 400, 'not-a-request');
  context.log.failure(error, routeOf(request), performance.now());
  return refuse(context, request, reply, 500, 'internal');
}

function refuse(
  { log }: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  outcome: string,
): FastifyReply {
  log.count({ route: routeOf(request), status, outcome });
  return sendJson(reply.code(status), 'application/problem+json', problemOf(status));
}

/** As bytes: to text the framework would add a parameter that JSON does not have (RFC 8259 §11). */
function sendJson(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.header('content-type', type).send(Buffer.from(text));
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** The same bytes for the same status, whatever the cause. @see RFC 9457 §4.2.1 */
function problemOf(status: number): string {
  return JSON.stringify({ type: 'about:blank', title: TITLES[status] ?? 'Internal Server Error', status });
}

/** What is not HTTP, or too slow, or has too many header fields. */
function refuseConnection(socket: Socket | Duplex): void {
  if (!socket.writable) return;
  const body = problemOf(400);
  const head = ['HTTP/1.1 400 Bad Request', 'Content-Type: application/problem+json', `Content-Length: ${body.length}`];
  socket.end(`${[...head, 'Cache-Control: no-store', 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
}

/** One of a few texts: a log line never has what a client wrote. */
function routeOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url?.split('/').at(-1) ?? 'other';
}

/** Who has asked is answered, for a while; who is connected and has not asked is cut off. */
async function closeServer({ server, close }: FastifyInstance, active: ReadonlySet<FastifyRequest>): Promise<void> {
  const closed = close();
  const deadline = performance.now() + CLOSE_TIMEOUT_MILLISECONDS;
  while (active.size > 0 && performance.now() < deadline) await setTimeout(CLOSE_POLL_MILLISECONDS);
  server.closeAllConnections();
  await closed;
}

function addressOf({ server }: FastifyInstance): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function urlOf(name: string, server: FastifyInstance): string {
  const { address, family, port } = server.server.address() as AddressInfo;
  const local = family === 'IPv6' ? '::1' : '127.0.0.1';
  const host = address === '::' || address === '0.0.0.0' ? local : address;
  return `${name.replace('device-', '')}://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}

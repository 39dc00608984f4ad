// The management listener: every route of the table over HTTP. Loopback or TLS only, a bearer token on each request,
// refusals audited.
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { isRouteName, MAX_UPLOAD_BYTES, type Problem, ROUTES, type Route, type RouteName } from '@windlass/management';
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { appendAudit } from '../audit.ts';
import { countFailure, hasToWait } from '../failed-attempts.ts';
import type { Actor, Management } from '../management.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import { actorOf } from '../tokens.ts';
import { answerTo } from './answer.ts';
import { addApiDescription } from './api-description.ts';
import { type ConnectionLimits, limitConnections } from './connection-limits.ts';
import { addLogin, type LoginOptions, type Logins } from './login-routes.ts';
import { anonymous, bearerToken, type Input, permitOrganization, permitRole } from './permission.ts';
import { PROBLEM_MEDIA_TYPE, problemOfError, violationSentence } from './problem.ts';

/** Where to listen, and for which management side. */
export interface ManagementListenerOptions {
  readonly management: Management;
  /** An IP address; without `tls` it must be a loopback one. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Without it people have tokens only. */
  readonly login?: LoginOptions;
  /** Without one nothing is logged. */
  readonly logger?: FastifyBaseLogger;
}

/** A listener that answers. */
export interface ManagementListener {
  readonly url: string;
  /** Resolves when requests under way are answered and the port is free. */
  close(): Promise<void>;
}

/** Base64 of the largest upload, and as much again for the rest of the body. */
const MAX_BODY_BYTES = 3 * MAX_UPLOAD_BYTES;
const REQUEST_TIMEOUT_MILLISECONDS = 30_000;
const HEADERS_TIMEOUT_MILLISECONDS = 10_000;
const IDLE_TIMEOUT_MILLISECONDS = 60_000;
/** Behind a reverse proxy all clients are one. */
const CONNECTIONS: ConnectionLimits = { total: 1_024, perClient: 512 };
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

/**
 * The listener answers.
 * @throws Error when the address is not loopback and there is no TLS; what node:net throws when the port is not free
 */
export async function startManagementListener(options: ManagementListenerOptions): Promise<ManagementListener> {
  if (options.tls === undefined && !LOOPBACK.test(options.address)) {
    throw new Error(
      `The management listener's address ${options.address} is not a loopback address: give it a TLS certificate and key, or 127.0.0.1.`,
    );
  }
  const server = createManagementServer(options);
  const url = await server.listen({ host: options.address, port: options.port });
  return { url, close: () => server.close() };
}

/** The server with every route, not listening yet. */
export function createManagementServer(options: Omit<ManagementListenerOptions, 'address' | 'port'>): FastifyInstance {
  const server = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    connectionTimeout: IDLE_TIMEOUT_MILLISECONDS,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, _, reply) => {
      reply.hijack();
      const problem = problemOfError(error);
      reply.raw.writeHead(problem.status, { 'content-type': PROBLEM_MEDIA_TYPE }).end(JSON.stringify(problem));
    },
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 400 },
    https: options.tls === undefined ? null : { cert: options.tls.certificate, key: options.tls.key },
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
  });
  server.server.headersTimeout = HEADERS_TIMEOUT_MILLISECONDS;
  limitConnections(server.server, CONNECTIONS);
  server.removeContentTypeParser('text/plain');
  server.setValidatorCompiler(TypeBoxValidatorCompiler);
  server.setSerializerCompiler(() => (value) => JSON.stringify(value));
  const { management, login } = options;
  const logins = login === undefined ? null : addLogin(server, login, management);
  const context: Context = { management, logins, actors: new WeakMap() };
  for (const name of Object.keys(ROUTES).filter(isRouteName)) addRoute(server, context, name);
  addApiDescription(server);
  server.setNotFoundHandler((_, reply) => {
    const error = new Refusal('not-found', 'There is no such route: check the path and the method.');
    return reply.code(404).type(PROBLEM_MEDIA_TYPE).send(problemOfError(error));
  });
  return server;
}

interface Context {
  readonly management: Management;
  readonly logins: Logins | null;
  readonly actors: WeakMap<FastifyRequest, Actor>;
}

function addRoute(server: FastifyInstance, context: Context, name: RouteName): void {
  const route: Route = ROUTES[name];
  server.route({
    method: route.method,
    url: route.path,
    schema: {
      params: route.params,
      querystring: route.query,
      ...(route.body === null ? {} : { body: route.body }),
    },
    // Before the body is read: a stranger does not get to send megabytes.
    onRequest: async (request) => {
      const { actor, by } = await authenticate(context, route, request);
      context.actors.set(request, actor);
      if (by === 'session') context.logins?.requireSameOrigin(request);
      permitRole(route, actor);
    },
    handler: async (request, reply) => {
      const actor = context.actors.get(request) ?? anonymous(request.ip);
      const input = permitOrganization(route, actor, inputOf(request));
      const { status, headers, body } = await answerTo(context.management, name, { actor, input, request });
      return reply.code(status).headers(headers).header('cache-control', 'no-store').send(body);
    },
    errorHandler: async (error, request, reply) => {
      const problem = problemOfRequest(error, route);
      if (problem.status >= 500) request.log.error({ err: error, route: name }, 'a management request failed');
      await auditRefusal(context, route, request, problem).catch((cause: unknown) =>
        request.log.error({ err: cause, route: name }, 'a refusal could not be audited'),
      );
      if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="windlass"');
      return reply.code(problem.status).header('cache-control', 'no-store').type(PROBLEM_MEDIA_TYPE).send(problem);
    },
  });
}

/** A right token always passes: whoever tries out wrong ones from the same address must not lock its holder out. */
async function authenticate(context: Context, route: Route, request: FastifyRequest): Promise<Authenticated> {
  if (route.roles.length === 0) return { actor: anonymous(request.ip), by: 'nothing' };
  const { management, logins } = context;
  const now = management.now();
  const { authorization } = request.headers;
  const token = bearerToken(authorization);
  const actor = token === null ? null : await actorOf(management.store.tables, token, request.ip, now);
  if (actor !== null) return { actor, by: 'token' };
  // Whoever sends a token means it, even when it is none: the cookie does not stand in.
  const loggedIn = authorization === undefined && logins !== null ? await logins.actorOf(request) : null;
  if (loggedIn !== null && loggedIn !== 'ended') return { actor: loggedIn, by: 'session' };
  const isHeard = !(await hasToWait(management, request.ip)) && (await countFailure(management, request.ip));
  refuseUnless(isHeard, 'rate-limited', 'Too many wrong tokens came from this address: wait a minute.'); // spec S20
  throw new Refusal('unauthenticated', strangerSentence(token, loggedIn));
}

interface Authenticated {
  readonly actor: Actor;
  readonly by: 'nothing' | 'token' | 'session';
}

function strangerSentence(token: string | null, loggedIn: 'ended' | null): string {
  if (loggedIn === 'ended') return 'This session has ended: log in again at /login.';
  return token === null
    ? 'A token is needed: send it as "Authorization: Bearer wl_...".'
    : 'This token is not known to this service: check that it is whole, made by this service, and neither ended nor revoked.';
}

function inputOf({ params, query, body }: FastifyRequest): Input {
  return { ...asObject(params), ...asObject(query), ...asObject(body) };
}

function asObject(value: unknown): Input {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function problemOfRequest(error: FastifyError, route: Route): Problem {
  if (error.validation === undefined) return problemOfError(error);
  const schemas = { params: route.params, querystring: route.query, body: route.body, headers: null };
  const schema = schemas[error.validationContext ?? 'body'];
  return problemOfError(new Refusal('invalid-request', violationSentence(error.validation, schema)));
}

/**
 * A refusal leaves a trace; the flood of an address that is blocked already leaves none, nor does what anybody may ask: there
 * nobody was refused a right, and whoever has no token must not make the audit grow.
 */
async function auditRefusal(
  { management, actors }: Context,
  route: Route,
  request: FastifyRequest,
  problem: Problem,
): Promise<void> {
  if (problem.code === 'rate-limited' || route.roles.length === 0) return;
  const actor = actors.get(request) ?? anonymous(request.ip);
  await management.store.transaction((tables) =>
    appendAudit(tables.audit, {
      time: management.now(),
      actor,
      act: route.act,
      outcome: 'refused',
      // An approver sees what was refused to them; what they asked of others is the operator's business.
      organization: actor.organization ?? null,
      object: objectOf(inputOf(request)),
      detail: { code: problem.code, status: problem.status, ...reasonOf(inputOf(request)) },
    }),
  );
}

const MAX_TEXT_CHARACTERS = 200;

/** What a refused request named; it has not passed any check, so only plain characters are written down. */
function objectOf(input: Input): string {
  const names = [
    'organization',
    'network',
    'endpoint',
    'fingerprint',
    'observation',
    'name',
    'serial',
    'person',
    'role',
    'id',
  ];
  const values = names.map((name) => input[name]).filter((value) => typeof value === 'string');
  return plain(values.join('/'));
}

/** Why it was asked for, where that was said. */
function reasonOf({ reason }: Input): { readonly reason?: string } {
  return typeof reason === 'string' ? { reason: plain(reason) } : {};
}

function plain(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, MAX_TEXT_CHARACTERS);
}

// Logging in and out with a browser: routes beside the table, because they speak in redirects, cookies and a page.
import cookie from '@fastify/cookie';
import type { Problem } from '@windlass/management';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { appendAudit } from '../audit.ts';
import { offerCommandLogin, redeemCommandLogin } from '../command-login.ts';
import type { LoginConfig } from '../config.ts';
import { countFailure, hasToWait } from '../failed-attempts.ts';
import { logIn } from '../login.ts';
import type { Actor, Management } from '../management.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import { liveSession, revokeSession, SESSION_SECONDS, sessionActor } from '../sessions.ts';
import { askingCommand, sendCommandLoginPage } from './command-login-page.ts';
import { type IdentityProvider, openIdentityProvider } from './identity-provider.ts';
import { anonymous } from './permission.ts';
import { PROBLEM_MEDIA_TYPE, problemOfError } from './problem.ts';
import { type LoginCookies, loginCookies, requireSameOrigin } from './session-cookie.ts';

/** How people log in. */
export interface LoginOptions {
  readonly config: LoginConfig;
  readonly secret: string;
}

/** What the listener asks of a request without a token. */
export interface Logins {
  /** Whose session the request has; null: it has no cookie. */
  actorOf(request: FastifyRequest): Promise<Actor | 'ended' | null>;
  /** What a session changes is asked for by our own pages. @throws Refusal `forbidden` */
  requireSameOrigin(request: FastifyRequest): void;
}

interface Context {
  readonly management: Management;
  readonly provider: IdentityProvider;
  readonly cookies: LoginCookies;
  readonly origin: string;
}

/** The server has the routes. */
export function addLogin(server: FastifyInstance, { config, secret }: LoginOptions, management: Management): Logins {
  const { origin, protocol } = new URL(config.redirectUrl);
  const cookies = loginCookies({ secure: protocol === 'https:' });
  const context = { management, provider: openIdentityProvider(config, secret), cookies, origin };
  server.register(cookie);
  server.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => refuse(context, error, request, reply));
    scope.get('/login', (request, reply) => begin(context, request, reply));
    scope.get('/login/callback', (request, reply) => finish(context, request, reply));
    scope.post<{ Body: Static<typeof Redemption> }>(
      '/login/command',
      { schema: { body: Redemption } },
      (request, reply) => redeem(context, request, reply),
    );
    scope.post('/logout', (request, reply) => end(context, request, reply));
  });
  return {
    actorOf: (request) => actorOf(context, request),
    requireSameOrigin: (request) => requireSameOrigin(request, origin),
  };
}

async function begin({ provider, cookies }: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const query = parametersOf(request);
  const [organization, role] = [query.get('organization'), query.get('role')];
  const command = askingCommand(query.get('port'), query.get('challenge'));
  if (command === undefined)
    throw new Refusal('invalid-request', 'This is no command\'s login: run "windlass login" again.');
  const { url, attempt } = await provider.begin();
  cookies.setPending(reply, {
    ...attempt,
    ...(organization === null ? {} : { organization }),
    ...(role === null ? {} : { role }),
    ...(command === null ? {} : { command }),
  });
  return quiet(reply).redirect(url.href, 303);
}

async function finish(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { management, provider, cookies } = context;
  await refuseWaiting(management, request);
  const pending = cookies.pending(request);
  // What was brought back is good once.
  cookies.clearPending(reply);
  const sentence = 'No login is under way in this browser, or it took too long: begin again at /login.';
  if (pending === null) throw new Refusal('unauthenticated', sentence);
  const identity = await provider.finish(parametersOf(request), pending);
  if (pending.command !== undefined) {
    const offered = await offerCommandLogin(management, identity, pending, {
      challenge: pending.command.challenge,
      address: request.ip,
    });
    return sendCommandLoginPage(quiet(reply), offered, pending.command);
  }
  const { secret, stored } = await logIn(management, identity, pending, request.ip);
  cookies.setSession(reply, secret, SESSION_SECONDS);
  const { person, role, organization } = stored;
  return quiet(reply).send({ person, role, organization });
}

/** What a command gives for its token. */
const Redemption = Type.Object(
  {
    code: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'the code that the browser brought' }),
    verifier: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'what the challenge was made of' }),
  },
  { additionalProperties: false },
);

async function redeem(
  { management }: Context,
  request: FastifyRequest<{ Body: Static<typeof Redemption> }>,
  reply: FastifyReply,
): Promise<unknown> {
  await refuseWaiting(management, request);
  return quiet(reply)
    .code(201)
    .send(await redeemCommandLogin(management, request.body, request.ip));
}

async function refuseWaiting(management: Management, { ip }: FastifyRequest): Promise<void> {
  refuseUnless(
    !(await hasToWait(management, ip)),
    'rate-limited',
    'Too many logins of this address failed: wait a minute.',
  ); // spec S20
}

async function end({ management, cookies, origin }: Context, request: FastifyRequest, reply: FastifyReply) {
  const secret = cookies.session(request) ?? '';
  const { tables } = management.store;
  const actor = await sessionActor(tables, secret, request.ip, management.now());
  const session = await liveSession(tables, secret, management.now());
  if (actor !== null && session !== null) {
    requireSameOrigin(request, origin);
    await revokeSession(management, actor, { id: session.id });
  }
  cookies.clear(reply);
  return quiet(reply).code(204).send();
}

async function actorOf({ management, cookies }: Context, request: FastifyRequest): Promise<Actor | 'ended' | null> {
  const secret = cookies.session(request);
  if (secret === null) return null;
  return (await sessionActor(management.store.tables, secret, request.ip, management.now())) ?? 'ended';
}

/** A login that failed leaves a trace, unless the client has to wait already. What cannot be counted is refused as well. */
async function refuse({ management }: Context, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const failed = problemOfError(error);
  if (failed.status >= 500) request.log.error({ err: error }, 'a login failed');
  const problem = failed.status >= 500 ? failed : await counted(management, request, failed);
  return quiet(reply).code(problem.status).type(PROBLEM_MEDIA_TYPE).send(problem);
}

/** What is answered: that it failed, or that nobody could count that. */
async function counted(management: Management, request: FastifyRequest, problem: Problem): Promise<Problem> {
  try {
    if (problem.code !== 'rate-limited' && (await countFailure(management, request.ip))) {
      await auditFailure(management, request, problem);
    }
    return problem;
  } catch (cause) {
    request.log.error({ err: cause }, 'a failed login could not be counted');
    return problemOfError(cause);
  }
}

async function auditFailure(management: Management, request: FastifyRequest, problem: Problem): Promise<void> {
  const detail = { code: problem.code, status: problem.status };
  const event = { actor: anonymous(request.ip), outcome: 'refused', organization: null } as const;
  const act = request.url === '/logout' ? 'session.revoke' : 'session.add';
  await management.store.transaction((tables) =>
    appendAudit(tables.audit, { ...event, time: management.now(), act, object: 'a login with the browser', detail }),
  );
}

function parametersOf({ url }: FastifyRequest): URLSearchParams {
  return new URL(url, 'http://listener').searchParams;
}

/** The address has the code in it: neither caches nor other sites get it. */
function quiet(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
}

// Cookies of people who log in with a browser, and the check that a change was asked for by our own pages.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WantedScope } from '../login.ts';
import { refuseUnless } from '../refusal.ts';
import { type AskingCommand, askingCommand } from './command-login-page.ts';
import type { LoginAttempt } from './identity-provider.ts';

/** A login under way: what the browser must bring back, as what it wants to act, and for which command, if it is for one. */
export type PendingLogin = LoginAttempt & WantedScope & { readonly command?: AskingCommand };

/** The cookies of one listener. */
export interface LoginCookies {
  session(request: FastifyRequest): string | null;
  setSession(reply: FastifyReply, secret: string, seconds: number): void;
  pending(request: FastifyRequest): PendingLogin | null;
  setPending(reply: FastifyReply, pending: PendingLogin): void;
  clear(reply: FastifyReply): void;
  clearPending(reply: FastifyReply): void;
}

const PENDING_SECONDS = 600;
const MAX_PENDING_CHARACTERS = 2048;
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** With TLS no other host of the domain can set or see them (`__Host-`). @see RFC 6265bis section 4.1.3.2 */
export function loginCookies({ secure }: { readonly secure: boolean }): LoginCookies {
  const prefix = secure ? '__Host-' : '';
  const [session, pending] = [`${prefix}windlass-session`, `${prefix}windlass-login`];
  // Lax, not strict: the way back from the identity provider begins on another site.
  const options = { path: '/', httpOnly: true, secure, sameSite: 'lax' } as const;
  return {
    session: (request) => request.cookies[session] ?? null,
    setSession: (reply, secret, maxAge) => void reply.setCookie(session, secret, { ...options, maxAge }),
    pending: (request) => pendingOf(request.cookies[pending]),
    setPending: (reply, value) => {
      const text = Buffer.from(JSON.stringify(value)).toString('base64url');
      reply.setCookie(pending, text, { ...options, maxAge: PENDING_SECONDS });
    },
    clear: (reply) => void reply.clearCookie(session, options),
    clearPending: (reply) => void reply.clearCookie(pending, options),
  };
}

/** Whoever has the browser wrote it: it is checked like any input. */
function pendingOf(text: string | undefined): PendingLogin | null {
  if (text === undefined || text.length > MAX_PENDING_CHARACTERS) return null;
  const value = parsed(Buffer.from(text, 'base64url').toString('utf8'));
  const { state, nonce, verifier, organization, role, command = {} } = value;
  if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return null;
  const { port = null, challenge = null } = typeof command === 'object' && command !== null ? { ...command } : {};
  const asking = askingCommand(port, challenge);
  if (asking === undefined) return null;
  return {
    state,
    nonce,
    verifier,
    ...(typeof organization === 'string' ? { organization } : {}),
    ...(typeof role === 'string' ? { role } : {}),
    ...(asking === null ? {} : { command: asking }),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * A browser sends the cookie whoever asked it to: what changes something must come from our own origin.
 * @throws Refusal `forbidden`
 */
export function requireSameOrigin({ method, headers }: FastifyRequest, ownOrigin: string): void {
  if (SAFE_METHODS.includes(method)) return;
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const isOwn = (site === undefined || site === 'same-origin') && (origin === undefined || origin === ownOrigin);
  const isKnown = site !== undefined || origin !== undefined;
  refuseUnless(isOwn && isKnown, 'forbidden', 'This request does not come from a page of this service: use its own.');
}

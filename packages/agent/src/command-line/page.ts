// One attempt on a path to the service: what it gives, or where it broke; and the plain request by which other people's pages are told.
import type { PageSeen, PathBroken } from '../doctor/ports.ts';
import { urlOf } from '../ladder.ts';
import { type Attempt, startAttempt } from '../transport/attempt.ts';
import { addressed, checkAnswer, type TransportOptions, type Way } from '../transport/create-transport.ts';
import { exchange, type HttpAnswer } from '../transport/exchange.ts';
import { shakeHands } from '../transport/handshake.ts';
import { expectPathError } from '../transport/path-error.ts';
import { openRoute } from '../transport/route.ts';
import { schemesOf } from './challenge.ts';

/** What `work` gives in one attempt, or where its path broke. */
export async function onPath<T>(
  { deadlines }: Pick<TransportOptions, 'deadlines'>,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T | PathBroken> {
  const attempt = startAttempt(deadlines);
  try {
    return await work(attempt);
  } catch (error) {
    const { stage, reason, cause } = expectPathError(error);
    const schemes = reason === 'proxy-authentication' ? schemesOf(`${cause ?? ''}`) : [];
    const hasCredentials = Object.keys(attempt.proxy?.headers ?? {}).length > 0;
    return { kind: 'broken', stage, cause: reason, schemes, hasCredentials };
  } finally {
    attempt.end();
  }
}

/** How much of a page is looked at, in characters. */
const MAX_PAGE_CHARACTERS = 4_096;

/** A GET, which the service answers with a problem; it has nothing of the device. In TLS nobody is asked for a valid certificate. */
export async function page(attempt: Attempt, paths: TransportOptions, scheme: 'http' | 'https'): Promise<PageSeen> {
  const target = { host: paths.service, port: paths.ports[scheme], scheme };
  const socket =
    scheme === 'http' ? await openRoute(attempt, paths, target) : (await shakeHands(attempt, paths, target)).socket;
  const way = { options: paths, attempt, target };
  const request = addressed(way, scheme === 'http' ? 3 : 2, urlOf('bootstrap'));
  const answer = await exchange(attempt, socket, request);
  const { status, headers, body } = answer;
  return {
    kind: 'page',
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    text: new TextDecoder().decode(body).slice(0, MAX_PAGE_CHARACTERS),
    cause: pageCause(answer, way),
    redirect: redirectOf(answer),
  };
}

/** What the transport would call it, if it is somebody else's page. */
function pageCause(answer: HttpAnswer, way: Way): PageSeen['cause'] {
  try {
    checkAnswer(way, answer, () => false);
    return null;
  } catch (error) {
    const { reason } = expectPathError(error);
    return reason === 'captive' || reason === 'blocked' ? reason : null;
  }
}

/** More of it says no more. */
const MAX_REDIRECT_CHARACTERS = 200;

/** Without what may name the device or its address. */
function redirectOf({ status, headers: { location } }: HttpAnswer): string | null {
  if (status < 300 || status > 399 || !location || !URL.canParse(location)) return null;
  const { protocol, host, pathname } = new URL(location);
  return /^https?:$/.test(protocol) ? `${protocol}//${host}${pathname}`.slice(0, MAX_REDIRECT_CHARACTERS) : null;
}

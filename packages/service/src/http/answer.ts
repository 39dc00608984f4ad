// How a request comes to its answer: by its act, or what a request with the same key was answered before; and only while the object is still
// what the request says that it is.
import { ROUTES, type Route, type RouteName, SHOWN_ROUTES } from '@windlass/management';
import type { FastifyRequest } from 'fastify';
import { type Answer, answerOnce } from '../idempotency.ts';
import { type Actor, type Management, together } from '../management.ts';
import { idempotencyKeyOf, requestDigest } from './idempotency.ts';
import { handle } from './management-handlers.ts';
import type { Input } from './permission.ts';
import { etagOf, ifMatchOf, inputFor, isKnown, refuseChanged } from './preconditions.ts';

/** A request that may be served: its form is checked, and who asks is permitted to. */
export interface PermittedRequest {
  readonly actor: Actor;
  readonly input: Input;
  readonly request: FastifyRequest;
}

/** What goes over the wire. */
export interface Reply extends Answer {
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws Refusal `invalid-request` (a header), `changed-meanwhile`, and as `answerOnce`; what the act throws */
export async function answerTo(management: Management, name: RouteName, asked: PermittedRequest): Promise<Reply> {
  const answer = await answerOf(management, name, asked);
  if (!SHOWN_ROUTES.has(name)) return { ...answer, headers: {} };
  const headers = { etag: etagOf(answer.body) };
  return isKnown(asked.request, headers.etag) ? { status: 304, body: undefined, headers } : { ...answer, headers };
}

async function answerOf(management: Management, name: RouteName, asked: PermittedRequest): Promise<Answer> {
  const { actor, input, request } = asked;
  const route: Route = ROUTES[name];
  const key = idempotencyKeyOf(route, request);
  const tags = ifMatchOf(route, request);
  const act = async (inside: Management): Promise<Answer> => {
    if (tags !== null) refuseChanged(tags, await shownBy(route, inside, asked));
    return handle(inside, actor, name, input);
  };
  if (key !== null) {
    const keyed = { actor, key, request: requestDigest(route, request), remedy: route.secret ?? null };
    return answerOnce(management, keyed, act);
  }
  // What is compared must still be so when it is changed.
  return tags === null ? act(management) : together(management, act);
}

/** The object that the route changes, as its own route shows it to who asks. */
async function shownBy({ guardedBy }: Route, inside: Management, { actor, input }: PermittedRequest): Promise<unknown> {
  const name = guardedBy as RouteName;
  return (await handle(inside, actor, name, inputFor(ROUTES[name], input))).body;
}

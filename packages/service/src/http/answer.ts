// How a route comes to its answer: its handler, or what a request with the same key was answered before.
import type { Route } from '@windlass/management';
import type { FastifyRequest } from 'fastify';
import { type Answer, answerOnce } from '../idempotency.ts';
import type { Actor, Management } from '../management.ts';
import { idempotencyKeyOf, requestDigest } from './idempotency.ts';
import type { Input } from './permission.ts';

/** A handler of any route. */
export type Handler = (management: Management, actor: Actor, input: Input) => Promise<unknown>;

/** A request that may be served: its form is checked, and who asks is permitted to. */
export interface PermittedRequest {
  readonly route: Route;
  readonly actor: Actor;
  readonly input: Input;
  readonly request: FastifyRequest;
}

/** @throws Refusal `invalid-request` (the key), and as `answerOnce`; what `handler` throws */
export async function answerTo(management: Management, handler: Handler, asked: PermittedRequest): Promise<Answer> {
  const { route, actor, input, request } = asked;
  const act = async (inside: Management): Promise<Answer> => ({
    status: route.method === 'POST' ? 201 : 200,
    body: await handler(inside, actor, input),
  });
  const key = idempotencyKeyOf(route, request);
  if (key === null) return act(management);
  const keyed = { actor, key, request: requestDigest(route, request), remedy: route.secret ?? null };
  return answerOnce(management, keyed, act);
}

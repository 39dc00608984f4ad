// How a request comes to its answer: by its act, or what a request with the same key was answered before.
import type { Route, RouteName } from '@windlass/management';
import type { FastifyRequest } from 'fastify';
import { type Answer, answerOnce } from '../idempotency.ts';
import type { Actor, Management } from '../management.ts';
import { idempotencyKeyOf, requestDigest } from './idempotency.ts';
import { handle } from './management-handlers.ts';
import type { Input } from './permission.ts';

/** A request that may be served: its form is checked, and who asks is permitted to. */
export interface PermittedRequest {
  readonly route: Route;
  readonly actor: Actor;
  readonly input: Input;
  readonly request: FastifyRequest;
}

/** @throws Refusal `invalid-request` (the key), and as `answerOnce`; what the act throws */
export async function answerTo(management: Management, name: RouteName, asked: PermittedRequest): Promise<Answer> {
  const { route, actor, input, request } = asked;
  const act = (inside: Management): Promise<Answer> => handle(inside, actor, name, input);
  const key = idempotencyKeyOf(route, request);
  if (key === null) return act(management);
  const keyed = { actor, key, request: requestDigest(route, request), remedy: route.secret ?? null };
  return answerOnce(management, keyed, act);
}

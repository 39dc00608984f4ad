// A request that carries a key is done once, however often it comes: its answer is stored in the transaction of the act, and given again.
// @see draft-ietf-httpapi-idempotency-key-header

import { formatTime, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { type Actor, type Management, together } from './management.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { repeat, type WorkLog } from './repeat.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { KeptAnswer } from './store/management-ports-idempotency.ts';

/** How long an answer is given again. */
const KEPT_SECONDS = 86_400;
/** Of an act that waits for a second person: nothing is done yet, so there is no secret either. */
export const STATUS_WAITING = 202;
const FORGET_MILLISECONDS = 3_600_000;
/** Of one person in one organization; the oldest are forgotten for newer ones. */
export const MAX_KEPT_ANSWERS = 1_000;

/** What was asked under which key. */
export interface KeyedRequest {
  readonly actor: Actor;
  /** The actor's own: another's may be the same. */
  readonly key: string;
  /** SHA-256, hexadecimal, of all that was asked. */
  readonly request: string;
  /** Where the answer has a secret, which is kept nowhere: what to do who did not get it, after "so that". null: it has none. */
  readonly remedy: string | null;
}

/** An HTTP status and the value that is its body. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The answer of `act`, or that which it gave to the same request before. Requests that come at once wait for each other. A refusal is not
 * kept: the same request may succeed later.
 * @throws Refusal `idempotency-key-reused`, `done-already` (the answer had a secret); what `act` throws
 */
export function answerOnce(
  management: Management,
  asked: KeyedRequest,
  act: (inside: Management) => Promise<Answer>,
): Promise<Answer> {
  const { actor, key, request, remedy } = asked;
  const owner = { person: actor.person ?? actor.name, organization: actor.organization };
  return together(management, async (inside) => {
    const { tables } = inside.store;
    const { keptAnswers } = tables;
    const time = inside.now();
    await forgetOld(tables, time);
    const kept = await keptAnswers.find(owner, key);
    if (kept !== null) return answerAgain(kept, asked);
    const answer = await act(inside);
    const hasSecret = remedy !== null && answer.status !== STATUS_WAITING;
    const text = hasSecret ? null : JSON.stringify(answer.body);
    await keptAnswers.forgetOldest(owner, MAX_KEPT_ANSWERS - 1);
    await keptAnswers.add(owner, key, { request, status: answer.status, answer: text, time });
    return answer;
  });
}

/** Answers that are too old are forgotten even when nobody asks for anything. Returns how to stop. */
export function keepForgettingAnswers(management: Management, log: Pick<WorkLog, 'warn'>): () => Promise<void> {
  const failed = 'old answers could not be forgotten';
  const work = () => management.store.transaction((tables) => forgetOld(tables, management.now()));
  return repeat(work, { everyMilliseconds: FORGET_MILLISECONDS, log, failed }).stop;
}

function forgetOld({ keptAnswers }: ManagementTables, now: UnixSeconds): Promise<void> {
  return keptAnswers.forget(unixSeconds(Math.max(now - KEPT_SECONDS, 0)));
}

function answerAgain({ request, status, answer, time }: KeptAnswer, asked: KeyedRequest): Answer {
  refuseUnless(
    request === asked.request,
    'idempotency-key-reused',
    'Another request was made with this Idempotency-Key: choose a new key for each act, and send the same one only with the same request.',
  );
  if (answer !== null) return { status, body: JSON.parse(answer) as unknown };
  throw new Refusal(
    'done-already',
    `This was done at ${formatTime(time)}; its answer had a secret, which is not kept: ${asked.remedy}.`,
  );
}

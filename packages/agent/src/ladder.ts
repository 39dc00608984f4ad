// Climbing down the ladder with one signed message: HTTPS, validated or not, then HTTP. What is not an answer leads to the next rung,
// except where somebody blocks or wants a log-in: that is said, and nothing is retried around it. @see spec section 6
import type { Agent } from './agent.ts';
import type { Connection, Exchange, Failure, NoAnswerCause, Stage, TrustView } from './ports.ts';
import { failureOf, PathError } from './transport/path-error.ts';

/** How the connection in use came about; goes into what is signed for it. */
export interface Path {
  readonly rung: 1 | 2 | 3;
  readonly failure: Failure | null;
  readonly presentedChain: readonly Uint8Array[];
  readonly explicitProxy: { readonly host: string; readonly port: number } | null;
}

export interface NoAnswer {
  readonly kind: 'no-answer';
  readonly cause: NoAnswerCause;
  readonly stage: Stage;
  readonly detail: string;
  readonly failure: Failure | null;
  readonly presentedChain: readonly Uint8Array[];
}

/** What is sent down the ladder. `T`: what the caller wants to know again about the message that was answered. */
export interface Climb<T> {
  readonly trust: TrustView;
  /** The URL's path. */
  readonly to: string;
  /** The envelope to send on this path, signed for it. */
  message(path: Path): Promise<{ readonly body: string; readonly sent: T }>;
  /** Tells an answer from everything else that may come back. */
  isAnswer(body: Uint8Array): boolean;
}

/** The first answer on the way down, or why there is none on any rung. */
export async function climb<T>(agent: Agent, given: Climb<T>): Promise<Reply<T> | NoAnswer> {
  const first = await tryFrom(agent, given, 1, null);
  if (first.kind === 'answer' || isRefusedByTheNetwork(first) || first.rung === 3) return first;
  return tryFrom(agent, given, 3, first);
}

interface Reply<T> {
  readonly kind: 'answer';
  readonly body: Uint8Array;
  readonly path: Path;
  readonly sent: T;
}

type Tried = NoAnswer & { readonly rung: 1 | 2 | 3 };

async function tryFrom<T>(agent: Agent, given: Climb<T>, from: 1 | 3, before: Tried | null): Promise<Reply<T> | Tried> {
  const connection = await agent.transport.connect({ trust: given.trust, from });
  if ('kind' in connection)
    return { ...connection, rung: 3, presentedChain: before?.presentedChain ?? connection.presentedChain };
  const path = pathOf(connection, before);
  const { body, sent } = await given.message(path);
  const exchange = judged(await connection.post(given.to, body), given.isAnswer);
  if (exchange.kind === 'body') return { kind: 'answer', body: exchange.body, path, sent };
  return { ...exchange, failure: path.failure, presentedChain: path.presentedChain, rung: path.rung };
}

function pathOf(connection: Connection, before: Tried | null): Path {
  const { rung, explicitProxy } = connection;
  const presentedChain =
    connection.presentedChain.length || !before ? connection.presentedChain : before.presentedChain;
  return {
    rung,
    failure: before ? failureOf(new PathError(before.cause, before.stage)) : connection.failure,
    presentedChain,
    explicitProxy,
  };
}

/** @see spec L3 */
function isRefusedByTheNetwork(tried: Tried): boolean {
  return tried.cause === 'blocked' || tried.cause === 'captive';
}

/** An answer is told by its form, never by its status. @see spec L4 */
function judged(exchange: Exchange, isAnswer: (body: Uint8Array) => boolean): Exchange {
  if (exchange.kind === 'no-answer' || isAnswer(exchange.body)) return exchange; // spec L4
  return {
    kind: 'no-answer',
    cause: 'http',
    stage: 'body',
    detail: `HTTP status ${exchange.status}, not an answer of the service`,
  };
}

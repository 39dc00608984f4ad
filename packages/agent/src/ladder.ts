// Climbing down the ladder with one signed message: HTTPS, validated or not, then HTTP. What is not an answer leads to the next rung,
// except where somebody blocks or wants a log-in: that is said, and nothing is retried around it. @see spec section 6
import { encodeEnvelope, type ProxyAddress, prepareEnvelope, type Rung } from '@windlass/protocol';
import { type Agent, trustView } from './agent.ts';
import type { Connection, Failure, NoAnswer, TrustedInspectionCa } from './ports.ts';

/** How the connection in use came about, and why not better; goes into what is signed for it. */
export interface Path {
  readonly rung: Rung;
  readonly failure: Failure | null;
  readonly presentedChain: readonly Uint8Array[];
  readonly explicitProxy?: ProxyAddress;
}

/** An answer, not checked yet, and the message that it must belong to. */
export interface Reply {
  readonly kind: 'answer';
  readonly body: Uint8Array;
  readonly path: Path;
  readonly payload: string;
  /** Monotonic seconds. */
  readonly signedAt: number;
}

/** The path on which nothing came. Rung null: no connection. */
export type Seen = Omit<Path, 'rung'> & { readonly rung: Path['rung'] | null };

/** Nothing that is an answer. */
export type NoReply = NoAnswer & { readonly path: Seen };

/** What is sent down the ladder. */
export interface Message {
  /** TLS is judged by these beside the roots. */
  readonly trusted: readonly TrustedInspectionCa[];
  readonly to: 'bootstrap' | 'report';
  /** The payload to be signed for this path. */
  on(path: Path): string;
  /** The connection to go on with, on HTTPS. */
  meet?(connection: Connection): Promise<Connection>;
  /** Tells an answer from everything else that may come back. */
  isAnswer(body: Uint8Array): boolean;
}

/** The first answer on the way down, or why there is none on any rung. */
export async function climb(agent: Agent, message: Message): Promise<Reply | NoReply> {
  const first = await tryRung(agent, message, null);
  if (first.kind === 'answer' || isPage(first)) return first; // spec L3
  const second = await tryRung(agent, message, first);
  return second.path.rung ? second : first;
}

/** Somebody answered in the service's place; a proxy that only refuses the tunnel may let HTTP through. */
function isPage({ cause, path }: NoReply): boolean {
  return path.rung !== null && (cause === 'blocked' || cause === 'captive');
}

/** HTTPS, or HTTP after what was tried before. */
async function tryRung(
  agent: Agent,
  { trusted, to, on, isAnswer, meet }: Message,
  before: NoReply | null,
): Promise<Reply | NoReply> {
  let connection = await agent.transport.connect(before ? 'http' : 'https', trustView(agent, trusted));
  if (meet && 'post' in connection) connection = await meet(connection);
  const { failure } = before ?? connection;
  const { presentedChain } = before?.path ?? connection;
  if ('cause' in connection) return { ...connection, path: { rung: null, failure, presentedChain } };
  const { rung, explicitProxy } = connection;
  const path = { rung, failure, presentedChain, ...(explicitProxy && { explicitProxy }) };
  const signedAt = agent.clock.uptime();
  const payload = on(path);
  const exchange = await connection.post(urlOf(to), await signed(agent, payload), isAnswer);
  return exchange.kind === 'body'
    ? { kind: 'answer', body: exchange.body, path, payload, signedAt }
    : { ...exchange, path };
}

/** A connection whose TLS these inspection CAs, or a root, validate: rung 1; or why there is none. */
export async function connectValidated(
  agent: Agent,
  trusted: readonly TrustedInspectionCa[],
): Promise<Connection | string> {
  const connection = await agent.transport.connect('https', trustView(agent, trusted));
  if (!('cause' in connection)) {
    if (connection.rung === 1) return connection;
    connection.close();
  } else if (connection.cause !== 'tls') return `${connection.stage}: ${connection.cause}`;
  return `${connection.failure}`;
}

/** The URL's path of one of the two exchanges. @see spec section 4 */
export function urlOf(exchange: Message['to']): string {
  return `/.well-known/windlass/v1/${exchange}`;
}

/** An envelope over `payload` by the device's key, as text. */
export async function signed({ key }: Agent, payload: string): Promise<string> {
  const prepared = prepareEnvelope({ payload, chain: key.chain });
  return encodeEnvelope(prepared.finish(await key.sign(prepared.toBeSigned, prepared.algorithm)));
}

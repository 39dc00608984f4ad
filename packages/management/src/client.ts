// The typed client: a method per route. An answer is what its schema says; anything else is a ManagementError.
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Approval } from './approvals.ts';
import { ManagementError, WaitsForApproval } from './errors.ts';
import { isProblemCode, type Problem } from './problems.ts';
import { ProofTerms } from './proof-schemas.ts';
import type { Route } from './route.ts';
import { ROUTES, type RouteName } from './routes.ts';
import {
  fetchTransport,
  httpsTransport,
  isBrokenConnection,
  type OutgoingRequest,
  type Reply,
  type Transport,
} from './transport.ts';

type Members<Schema> = Schema extends TSchema ? Static<Schema> : Readonly<Record<never, never>>;

/** What a route takes: its parameters, query and body in one flat object. */
export type InputOf<Name extends RouteName> = Members<(typeof ROUTES)[Name]['params']> &
  Members<(typeof ROUTES)[Name]['query']> &
  Members<(typeof ROUTES)[Name]['body']>;

/** What a route answers. */
export type AnswerOf<Name extends RouteName> = Static<(typeof ROUTES)[Name]['answer']>;

/** An optional member may be undefined as well, which leaves it out. */
type OrUndefined<Input> = {
  [Member in keyof Input]: Record<never, never> extends Pick<Input, Member> ? Input[Member] | undefined : Input[Member];
};

/** One method per route of the table. A route that takes nothing is called without argument; a member that is undefined is left out. */
export type ManagementClient = {
  readonly [Name in RouteName]: Record<never, never> extends InputOf<Name>
    ? (input?: OrUndefined<InputOf<Name>>, options?: CallOptions) => Promise<AnswerOf<Name>>
    : (input: OrUndefined<InputOf<Name>>, options?: CallOptions) => Promise<AnswerOf<Name>>;
};

/** What goes with one call beside its input. */
export interface CallOptions {
  /**
   * 1 to 64 letters, digits, "_" or "-", chosen for this act: whoever calls again with it and the same input within a day gets the answer of
   * the first time, and nothing is done twice. Without effect on what only reads.
   */
  readonly idempotencyKey?: string | undefined;
  /** What {@link etagOf} says of an object that was looked at, with or without quotation marks: `changed-meanwhile` when it is not the same any more. */
  readonly ifMatch?: string | undefined;
}

/** Where the service is and who is asking. */
export interface ClientOptions {
  /** The management listener, like `http://127.0.0.1:8443`. */
  readonly url: string;
  /** `wl_...`; sent to that URL only. */
  readonly token: string;
  /** PEM of the CA that issued the listener's certificate, when it is none that Node trusts. Used instead of those. */
  readonly certificateAuthority?: string;
  /** Milliseconds until an answer must be whole. Default 30 000. */
  readonly timeoutMilliseconds?: number;
  /** Makes a key for each call that changes something and has none of its own. Default: such a call has none. */
  readonly newIdempotencyKey?: () => string;
}

const DEFAULT_TIMEOUT_MILLISECONDS = 30_000;

/**
 * A client of the management API of one service. No request is made yet. Each method throws {@link ManagementError}: the
 * service's problem, or `unreachable`, `tls-untrusted`, `timeout`, `not-windlass` with status 0; {@link WaitsForApproval} when a second
 * person has to approve first. A call with an idempotency key is made once more when the connection broke before an answer came.
 */
export function createClient(options: ClientOptions): ManagementClient {
  const base = parseUrl(options.url);
  const transport = transportOf(options);
  const call = async (route: Route, input: Input, { idempotencyKey, ifMatch }: CallOptions): Promise<unknown> => {
    const request = requestOf(base, options.token, route, input);
    if (ifMatch !== undefined) request.headers['if-match'] = `"${ifMatch.replace(/^"|"$/g, '')}"`;
    const key = route.method === 'GET' ? undefined : (idempotencyKey ?? options.newIdempotencyKey?.());
    const reply = key === undefined ? await transport(request) : await sendRepeatably(transport, request, key);
    return answerOf(reply, base);
  };
  const methods = Object.entries<Route>(ROUTES).map(([name, route]) => [
    name,
    (input: Input = {}, callOptions: CallOptions = {}) => call(route, input, callOptions),
  ]);
  return Object.fromEntries(methods) as ManagementClient;
}

/** How requests are sent to the service of these options. */
export function transportOf({
  certificateAuthority,
  timeoutMilliseconds = DEFAULT_TIMEOUT_MILLISECONDS,
}: Omit<ClientOptions, 'token'>): Transport {
  if (certificateAuthority === undefined) return fetchTransport(timeoutMilliseconds);
  return httpsTransport(certificateAuthority, timeoutMilliseconds);
}

const etags = new WeakMap<object, string>();

/** The ETag that came with an answer of this client, without its quotation marks; of what shows one object that can be changed. */
export function etagOf(answer: object): string | undefined {
  return etags.get(answer);
}

type Input = Readonly<Record<string, unknown>>;

const REPEAT_AFTER_MILLISECONDS = 200;

/** An answer is never asked for again, whatever it says: only when none came nobody knows what was done. */
async function sendRepeatably(transport: Transport, request: OutgoingRequest, key: string): Promise<Reply> {
  // A string of a structured field (RFC 8941 section 3.3.3).
  const keyed = { ...request, headers: { ...request.headers, 'idempotency-key': `"${key}"` } };
  try {
    return await transport(keyed);
  } catch (cause) {
    if (!isBrokenConnection(cause)) throw cause;
    await new Promise((resolve) => setTimeout(resolve, REPEAT_AFTER_MILLISECONDS * (1 + Math.random())));
    return transport(keyed);
  }
}

/** @throws ManagementError `unreachable` */
export function parseUrl(text: string): URL {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new ManagementError('unreachable', 0, `"${text}" is not a URL: give one like http://127.0.0.1:8443.`);
  }
  return new URL(text);
}

function requestOf(base: URL, token: string, route: Route, input: Input) {
  const path = route.path.replace(/:([a-z]+)/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const url = new URL(path, base);
  for (const [name, value] of pick(route.query, input)) url.searchParams.set(name, String(value));
  const body = route.body === null ? undefined : JSON.stringify(Object.fromEntries(pick(route.body, input)));
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (route.roles.length > 0) headers['authorization'] = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return { url, method: route.method, headers, body };
}

function pick(schema: Route['params'], input: Input): [string, unknown][] {
  return Object.keys(schema.properties)
    .map((name): [string, unknown] => [name, input[name]])
    .filter(([, value]) => value !== undefined);
}

/** The value of an answer. @throws ManagementError, WaitsForApproval */
export function answerOf(reply: Reply, base: URL): unknown {
  const value = parseJson(reply.text);
  if (typeof value === 'object' && value !== null) {
    if (reply.status === 202) throw new WaitsForApproval(value as Approval);
    if (reply.status < 300) {
      if (reply.etag !== undefined) etags.set(value, reply.etag.replaceAll('"', ''));
      return value;
    }
    const { code, detail, proofTerms } = value as { readonly [Member in keyof Problem]?: unknown };
    if (isProblemCode(code) && typeof detail === 'string')
      throw new ManagementError(code, reply.status, detail, { proofTerms: proofTermsIn(proofTerms) });
  }
  throw new ManagementError(
    'not-windlass',
    0,
    `What answered at ${base.origin} (HTTP ${reply.status}) is not a Windlass management listener: check the URL.`,
  );
}

function proofTermsIn(value: unknown): ProofTerms | null {
  return Value.Check(ProofTerms, value) ? value : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

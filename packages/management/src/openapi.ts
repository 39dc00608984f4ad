// The management API as an OpenAPI 3.1 document, made from the route table: the schemas that the listener checks requests with, and the
// client trusts answers by, are the ones that it shows.
import { Approval } from './approvals.ts';
import { PROBLEMS, ProblemSchema } from './problems.ts';
import type { Route } from './route.ts';
import { ROUTES, SHOWN_ROUTES } from './routes.ts';

/** A JSON object; what is in it is OpenAPI's to say. */
export type OpenApiObject = { readonly [name: string]: unknown };

/** Where the API is, and which version of the service answers. */
export interface ApiDescription {
  /** Like `https://windlass.example:8443`. */
  readonly url: string;
  readonly version: string;
}

/** The document. Each operation has the name of the client's method, and as tag the noun of what it does. @see OpenAPI 3.1.0 */
export function openApiDocument({ url, version }: ApiDescription): OpenApiObject {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = route.path.replace(/:([a-z]+)/gi, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Windlass management API', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token of a person: wl_…' } },
      responses: { problem: problemResponse() },
    },
  };
}

function operationOf(name: string, route: Route): OpenApiObject {
  const [noun = '', verb = ''] = route.act.split('.');
  const roles = route.roles.length === 0 ? 'No token is needed.' : `For the roles: ${route.roles.join(', ')}.`;
  const status = route.method === 'POST' ? '201' : '200';
  const isShown = SHOWN_ROUTES.has(name);
  return {
    operationId: name,
    tags: [noun],
    summary: `${noun.replaceAll('-', ' ')}: ${verb.replaceAll('-', ' ')}`,
    description: roles,
    ...(route.roles.length === 0 ? { security: [] } : {}),
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(route.method === 'GET' ? [] : [IDEMPOTENCY_KEY]),
      ...(route.guardedBy === undefined ? [] : [ifMatch(route.guardedBy)]),
      ...(isShown ? [IF_NONE_MATCH] : []),
    ],
    ...(route.body === null
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: plain(route.body) } } } }),
    responses: {
      [status]: {
        description: 'Done',
        ...(isShown ? { headers: { ETag: { schema: { type: 'string' } } } } : {}),
        content: { 'application/json': { schema: plain(route.answer) } },
      },
      ...(isShown ? { '304': { description: 'It is what If-None-Match names.' } } : {}),
      ...(route.secondPerson === undefined ? {} : { '202': waitingResponse() }),
      default: { $ref: '#/components/responses/problem' },
    },
  };
}

const IDEMPOTENCY_KEY: OpenApiObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Chosen by the client for one act, and sent again with the same request when no answer came: the act is done once, and its answer given again for 24 hours.',
  schema: { type: 'string', pattern: '^(?:"[A-Za-z0-9_-]{1,64}"|[A-Za-z0-9_-]{1,64})$' },
};

const ifMatch = (shownBy: string): OpenApiObject => ({
  name: 'If-Match',
  in: 'header',
  required: false,
  description: `The ETag that ${shownBy} answered, or several: the act is done only while the object is still the same, else the answer is 412.`,
  schema: { type: 'string' },
});

const IF_NONE_MATCH: OpenApiObject = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'ETags of earlier answers: when the object is still the same, the answer is 304 and has no body.',
  schema: { type: 'string' },
};

function parametersOf(schema: Route['params'], place: 'path' | 'query'): readonly OpenApiObject[] {
  const required: readonly string[] = schema.required ?? [];
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: plain(property),
  }));
}

function waitingResponse(): OpenApiObject {
  const description = 'The organization demands two people: the act waits until another approver approves it.';
  return { description, content: { 'application/json': { schema: plain(Approval) } } };
}

/** Every refusal is a problem document with a code that does not change. */
function problemResponse(): OpenApiObject {
  const codes = Object.entries(PROBLEMS).map(([code, { status, title }]) => `- \`${code}\` (${status}): ${title}.`);
  return {
    description: `The service refused (RFC 9457). Codes:\n\n${codes.join('\n')}`,
    content: { 'application/problem+json': { schema: plain(ProblemSchema) } },
  };
}

/** As it stands in JSON: what the schema library keeps beside a schema is not part of it. */
function plain(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema));
}

// The management API described by itself: /openapi.json for programs, /docs for people. Both are public: they say what the API is, and
// nothing of what is in it.
import { openApiDocument } from '@windlass/management';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SERVICE_VERSION } from '../health.ts';

/** Nothing but the page itself: no script, no font, no image, from nowhere. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** The server answers GET /openapi.json and GET /docs. */
export function addApiDescription(server: FastifyInstance): void {
  const documentFor = (request: FastifyRequest) =>
    openApiDocument({ url: `${request.protocol}://${request.host}`, version: SERVICE_VERSION });
  server.get('/openapi.json', async (request, reply) => reply.send(documentFor(request)));
  server.get('/docs', async (request, reply) =>
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .type('text/html; charset=utf-8')
      .send(pageOf(documentFor(request) as unknown as Described)),
  );
}

interface Described {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: { readonly problem: { readonly description: string } } };
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
}

function pageOf({ info, paths, components }: Described): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const nouns = [...new Set(operations.flatMap(({ operation }) => operation.tags))].sort();
  const sections = nouns.map((noun) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(noun));
    return `<h2 id="${escaped(noun)}">${escaped(noun)}</h2>${own.map(operationHtml).join('')}`;
  });
  const links = nouns.map((noun) => `<a href="#${escaped(noun)}">${escaped(noun)}</a>`).join(' · ');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(info.title)}</title><style>${STYLE}</style></head><body><main>
<h1>${escaped(info.title)} ${escaped(info.version)}</h1>
<p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). A token goes into <code>Authorization: Bearer wl_…</code>.</p>
<nav>${links} · <a href="#problems">problems</a></nav>
${sections.join('\n')}
<h2 id="problems">problems</h2><pre>${escaped(components.responses.problem.description)}</pre></main></body></html>`;
}

function operationHtml({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const { parameters, requestBody, responses, operationId, description } = operation;
  const body = requestBody?.content['application/json']?.schema;
  const answer = Object.values(responses)[0]?.content?.['application/json']?.schema;
  const rows = parameters.map(({ name, in: place, required, schema }) => row(`${name} (${place})`, schema, required));
  const bodyRows = Object.entries(body?.properties ?? {}).map(([name, schema]) =>
    row(name, schema, body?.required?.includes(name) === true),
  );
  const all = [...rows, ...bodyRows];
  return `<section id="${escaped(operationId)}"><h3><code>${method.toUpperCase()} ${escaped(path)}</code></h3>
<p>${escaped(operationId)}. ${escaped(description)}</p>
${all.length === 0 ? '' : `<table>${all.join('')}</table>`}
<p>Answers <code>${escaped(typeText(answer))}</code></p></section>`;
}

function row(name: string, schema: Schema, required: boolean): string {
  const what = schema.description ?? typeText(schema);
  return `<tr><td><code>${escaped(name)}</code></td><td>${required ? '' : 'optional: '}${escaped(what)}</td></tr>`;
}

/** A short form of a schema: `{ items: [{ name, … }] }`. */
function typeText(schema: Schema | undefined, depth = 0): string {
  if (schema === undefined) return 'anything';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => typeText(one, depth)).join(' | ');
  if (schema.items !== undefined) return `[${typeText(schema.items, depth)}]`;
  const names = Object.entries(schema.properties ?? {});
  if (names.length === 0 || depth > 2) return schema.type ?? 'anything';
  return `{ ${names.map(([name, one]) => (one.properties || one.items ? `${name}: ${typeText(one, depth + 1)}` : name)).join(', ')} }`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}main{max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{border-top:1px solid;margin-top:2.5rem;padding-top:1rem}h3{margin-bottom:0}code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{white-space:pre-wrap}table{border-collapse:collapse}td{padding:.2rem 1rem .2rem 0;vertical-align:top}`;

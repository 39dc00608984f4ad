// Requests made from the route table: an input that passes the schemas of a route, whatever route it is, and its HTTP form.
import type { Route } from '@windlass/management';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** A route's input as one flat object, as the client takes it. */
export type RouteInput = Readonly<Record<string, unknown>>;

/** Tried in this order where a string is wanted; what a route needs beside them is added here. */
const TEXTS: readonly string[] = [
  'sample',
  'AB'.repeat(32),
  'abcdef01',
  'ab'.repeat(16),
  'ab'.repeat(32),
  '2027-01-31T08:00:00Z',
  `${'A'.repeat(43)}=`,
  'app.example',
  'AAAA',
  'https',
  'approver',
  'https://app.example/x',
  'wl_sample',
  '0',
  '/sample',
  'A1B2C3D4E5F6G7H8J9K0',
];
const NUMBERS: readonly number[] = [1, 443, 0, 1000];

/**
 * An input that every schema of the route takes, with all optional members; members named in `preferred` have that value where it
 * fits. @throws Error that names the member for which no value is known
 */
export function inputFor(route: Route, preferred: RouteInput): RouteInput {
  const schemas = [route.params, route.query, ...(route.body === null ? [] : [route.body])];
  return Object.assign({}, ...schemas.map((schema) => objectFor(schema, preferred, `${route.method} ${route.path}`)));
}

function objectFor(schema: Route['params'], preferred: RouteInput, where: string): RouteInput {
  const members = Object.entries(schema.properties).map(([name, member]) => [
    name,
    valueFor(member, preferred, `${where} ${name}`, preferred[name]),
  ]);
  return Object.fromEntries(members);
}

/** Alternatives, lists and objects by their parts; what is left is tried out. */
function valueFor(schema: TSchema, preferred: RouteInput, where: string, wanted: unknown): unknown {
  if (wanted !== undefined && Value.Check(schema, wanted)) return wanted;
  const parts: { readonly [part: string]: unknown } = { ...schema };
  const alternatives = parts['anyOf'];
  if (Array.isArray(alternatives)) return valueFor(alternatives[0], preferred, where, wanted);
  if ('const' in parts) return parts['const'];
  switch (parts['type']) {
    case 'array':
      return [valueFor(parts['items'] as TSchema, preferred, where, undefined)];
    case 'object':
      return objectFor(schema as Route['params'], preferred, where);
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return firstThatFits(schema, NUMBERS, where);
    default:
      return firstThatFits(schema, TEXTS, where);
  }
}

function firstThatFits(schema: TSchema, candidates: readonly unknown[], where: string): unknown {
  const found = candidates.find((candidate) => Value.Check(schema, candidate));
  if (found === undefined) throw new Error(`${where}: no sample fits its schema; add one to route-inputs.ts.`);
  return found;
}

/** The HTTP request of an input; `headers` says who asks. */
export function requestFor(
  route: Route,
  input: RouteInput,
  headers: Readonly<Record<string, string>>,
): { readonly path: string; readonly init: RequestInit } {
  const path = route.path.replace(/:([a-zA-Z]+)/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const query = new URLSearchParams();
  for (const [name, value] of membersOf(route.query, input)) query.set(name, String(value));
  const search = query.size === 0 ? '' : `?${query}`;
  if (route.body === null) return { path: `${path}${search}`, init: { method: route.method, headers } };
  const body = JSON.stringify(Object.fromEntries(membersOf(route.body, input)));
  const withType = { ...headers, 'content-type': 'application/json' };
  return { path: `${path}${search}`, init: { method: route.method, headers: withType, body } };
}

function membersOf(schema: Route['params'], input: RouteInput): [string, unknown][] {
  return Object.keys(schema.properties)
    .map((name): [string, unknown] => [name, input[name]])
    .filter(([, value]) => value !== undefined);
}

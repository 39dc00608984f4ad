// ETags of objects that can be changed, and requests that depend on them. @see RFC 9110 section 13
import { createHash } from 'node:crypto';
import type { Route } from '@windlass/management';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../audit.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import type { Input } from './permission.ts';

const TAG = '(?:W/)?"[\\x21\\x23-\\x7e]{0,128}"';
const TAGS = new RegExp(`^\\s*(?:\\*|${TAG}(?:\\s*,\\s*${TAG}){0,31})\\s*$`);

/** The strong ETag of an answer: equal answers have equal ones, whichever instance gives them. */
export function etagOf(answer: unknown): string {
  return `"${createHash('sha256').update(canonicalJson(answer)).digest('base64url')}"`;
}

/** The tags of a request's If-Match; null: it has none. @throws Refusal `invalid-request`: it has no effect here, or is malformed */
export function ifMatchOf(route: Route, { headers }: FastifyRequest): readonly string[] | null {
  const header = headers['if-match'];
  if (header === undefined || route.method === 'GET') return null;
  const guarded = route.guardedBy !== undefined;
  refuseUnless(guarded, 'invalid-request', 'If-Match has no effect on this route: leave it out.');
  return tagsOf('If-Match', header);
}

/** Whether the answer is one that the request names as known. Tags are compared weakly. @throws Refusal `invalid-request` */
export function isKnown({ headers }: FastifyRequest, etag: string): boolean {
  const header = headers['if-none-match'];
  if (header === undefined) return false;
  return tagsOf('If-None-Match', header).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag);
}

/** The object is one of those that were looked at. Weak tags are never the same. @throws Refusal `changed-meanwhile` */
export function refuseChanged(tags: readonly string[], shown: unknown): void {
  const etag = etagOf(shown);
  refuseUnless(
    tags.some((tag) => tag === '*' || tag === etag),
    'changed-meanwhile',
    'It was changed since you looked at it, and nothing was done: look again, and decide anew.',
  );
}

/** What a route takes of the input of another one. */
export function inputFor(route: Route, input: Input): Input {
  const names = [...Object.keys(route.params.properties), ...Object.keys(route.query.properties)];
  return Object.fromEntries(names.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]));
}

function tagsOf(name: string, header: string | readonly string[]): readonly string[] {
  const text = String(header);
  if (TAGS.test(text)) return text.match(new RegExp(`\\*|${TAG}`, 'g')) ?? [];
  throw new Refusal('invalid-request', `${name} must be one or several ETags as they came, or *.`);
}

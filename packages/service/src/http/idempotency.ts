// The Idempotency-Key of a request, and what it was asked with. @see draft-ietf-httpapi-idempotency-key-header section 2
import { createHash } from 'node:crypto';
import type { Route } from '@windlass/management';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../audit.ts';
import { Refusal } from '../refusal.ts';

/** As a string of a structured field (RFC 8941 section 3.3.3), or without its quotation marks. */
const KEY = /^(?:"([A-Za-z0-9_-]{1,64})"|([A-Za-z0-9_-]{1,64}))$/;

/** The key of a request that changes something; null: it has none, or nothing changes. @throws Refusal `invalid-request` */
export function idempotencyKeyOf(route: Route, request: Pick<FastifyRequest, 'headers' | 'body'>): string | null {
  const header = request.headers['idempotency-key'];
  if (route.method === 'GET' || header === undefined || isDryRun(request.body)) return null;
  const [, quoted, bare] = KEY.exec(String(header)) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw new Refusal('invalid-request', 'Idempotency-Key must be 1 to 64 letters, digits, "_" or "-".');
}

/** Of the route and all of the request's input: SHA-256, hexadecimal. */
export function requestDigest(route: Route, { params, query, body }: FastifyRequest): string {
  const { method, path } = route;
  return createHash('sha256').update(canonicalJson({ method, path, params, query, body })).digest('hex');
}

/** Who asks what would happen may be told anew each time. */
function isDryRun(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'dryRun' in body && body.dryRun === true;
}

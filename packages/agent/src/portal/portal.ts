// The file `windlass-agent-portal.mjs`: what the network itself says of a portal, by the API of RFC 8908. It names a trouble; nobody opens the
// portal's pages, and nothing is sent to it about the device.

import { leaseValues, PORTAL_OPTION } from '../lease/lease-files.ts';
import type { Parts } from '../parts.ts';
import type { TrustView } from '../ports.ts';
import { secureProxy } from '../proxies/secure-proxy.ts';
import type { PathOptions } from '../transport/route.ts';

export interface PortalOptions {
  /** Where the configuration says that the API is. */
  readonly api: URL | null;
  /** Where else it may be said, by DHCP (RFC 8910); null: where leases usually are. */
  readonly leaseFiles: readonly string[] | null;
  readonly path: Omit<PathOptions, 'routes'>;
  /** The API's TLS is validated by its roots and anchors, never by an inspection CA. */
  readonly trust: () => TrustView;
}

/** What an API said. */
export interface PortalSeen {
  readonly isCaptive: boolean;
  /** Where a person would log in: scheme, host and path, as text that does no harm. */
  readonly url: string | null;
}

const MEDIA_TYPE = 'application/captive+json';
const MAX_BODY_BYTES = 16 * 1024;
const MAX_APIS = 2;
const DEADLINES_MS = { name: 2_000, connect: 2_000, proxy: 3_000, 'first-byte': 3_000, body: 3_000, whole: 6_000 };
/** The network has no portal, and says so. @see RFC 8910 section 2 */
const UNRESTRICTED = 'urn:ietf:params:capport:unrestricted';

/** What the first API says that says anything; null: there is none. Never rejects. */
export async function askPortal(parts: Parts, options: PortalOptions): Promise<PortalSeen | null> {
  const { api, leaseFiles } = options;
  const named = [...(api ? [api.href] : []), ...leaseValues(leaseFiles, PORTAL_OPTION)];
  for (const text of named.slice(0, MAX_APIS)) {
    if (text === UNRESTRICTED) return { isCaptive: false, url: null };
    const url = URL.canParse(text) ? new URL(text) : null;
    const seen = url?.protocol === 'https:' && url.username === '' ? await askApi(parts, options, url) : null;
    if (seen) return seen;
  }
  return null;
}

/** @see RFC 8908 section 5 */
async function askApi(parts: Parts, { path, trust }: PortalOptions, url: URL): Promise<PortalSeen | null> {
  const { startAttempt, openStraight, exchange, authority, PathError } = parts;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const server = { host, port: Number(url.port || 443) };
  const attempt = startAttempt({ ...DEADLINES_MS, ...path.deadlines });
  try {
    const tcp = await openStraight(attempt, path, server);
    const socket = await secureProxy(parts, attempt, tcp, { host, trust: trust() });
    const message = { path: `${url.pathname}${url.search}`, host: authority(server, 443) };
    const { status, headers, body, problem } = await exchange(attempt, socket, {
      ...message,
      more: { Accept: MEDIA_TYPE },
    });
    const isOfTheKind = /^application\/(captive\+)?json\b/i.test(headers['content-type'] ?? '');
    if (status !== 200 || problem || !isOfTheKind || body.length > MAX_BODY_BYTES) return null;
    return parseAnswer(new TextDecoder().decode(body));
  } catch (error) {
    if (error instanceof PathError) return null;
    throw error;
  } finally {
    attempt.end();
  }
}

/** Null: it is no such answer. Members that are not known do not matter. */
export function parseAnswer(text: string): PortalSeen | null {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== 'object' || answer === null || !('captive' in answer)) return null;
    if (typeof answer.captive !== 'boolean') return null;
    const url = 'user-portal-url' in answer ? answer['user-portal-url'] : null;
    return { isCaptive: answer.captive, url: harmlessUrl(url) };
  } catch {
    return null;
  }
}

/** Without a query, which may name the device. */
function harmlessUrl(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 512 || !URL.canParse(value)) return null;
  const { protocol, host, pathname } = new URL(value);
  return /^https?:$/.test(protocol) ? `${protocol}//${host}${pathname}` : null;
}

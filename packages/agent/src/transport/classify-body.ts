// An answer of the service, or somebody else's page? Told by the shape of the body, never by status or TLS. @see spec L4
import type { NoAnswerCause } from '../ports.ts';

/** `body`: an envelope, an answer or a neutral problem, for the protocol to judge. */
export type BodyClass = 'body' | 'blocked' | 'captive' | 'empty' | 'truncated' | 'http';

/**
 * What an unredirected answer is: `body` when it is a JSON object with the members of an answer (`decision`) or of an envelope
 * (`payload`, `signature`), or a problem of the service (RFC 9457, status 400 and above); `empty`; `truncated` when it begins as
 * JSON and breaks off, `http` when markup was put behind it; else a page: `captive` with status 511 (RFC 6585) or a form to log in, `blocked` otherwise.
 */
export function classifyBody(status: number, contentType: string, body: Uint8Array): BodyClass {
  if (status === 511) return 'captive';
  if (body.length === 0) return 'empty';
  const text = new TextDecoder().decode(body).trim();
  const object = parseObject(text);
  if (object && isOurs(object, status, contentType)) return 'body';
  if (!object && text.startsWith('{')) return text.endsWith('>') ? 'http' : 'truncated';
  return isLoginPage(text) ? 'captive' : 'blocked'; // spec L4
}

/** The page, if it is one, asks to log in or to accept terms. */
export function isLoginPage(text: string): boolean {
  return (
    /<form[\s>]/i.test(text) &&
    /type\s*=\s*["']?password|log[\s-]?in|sign[\s-]?in|accept|terms|captive|portal|hotspot/i.test(text)
  );
}

/**
 * The redirect leads away (`captive`) or stays on `host` (`blocked`): the service never redirects, so somebody else did; null when
 * the answer is no redirect.
 */
export function classifyRedirect(status: number, location: string | undefined, host: string): NoAnswerCause | null {
  if (status < 300 || status > 399) return null;
  return redirectHost(location, host) === host ? 'blocked' : 'captive';
}

/** The host that a redirect from `host` leads to; `host` where none can be told. */
export function redirectHost(location: string | undefined, host: string): string {
  try {
    return new URL(location ?? '', `http://${host.includes(':') ? `[${host}]` : host}`).hostname.replace(
      /^\[|\]$/g,
      '',
    );
  } catch {
    return host;
  }
}

function isOurs(object: object, status: number, contentType: string): boolean {
  const isProblem = status >= 400 && /^application\/problem\+json\b/i.test(contentType);
  return 'decision' in object || ('payload' in object && 'signature' in object) || isProblem;
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

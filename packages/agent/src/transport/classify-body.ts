// An answer of the service, or somebody else's page? Told by the shape of the body, never by status or TLS. @see spec L4
import { isAnswer as isAnswerShaped, isEnvelope } from '@windlass/protocol';
import type { NoAnswerCause } from '../ports.ts';
import type { HttpAnswer } from './exchange.ts';
import { authority } from './route.ts';

/**
 * Null: an unredirected answer is the one that `isAnswer` tells. Else why it is none: `empty`; `http` for a problem of the service (RFC
 * 9457, status 400 and above), for another message of the protocol, and for JSON with markup behind it; `truncated` when it begins as JSON and breaks off; `captive` with
 * status 511 (RFC 6585) or a form to log in; `blocked` for every other page.
 */
export function classifyBody(
  { status, headers, body }: Pick<HttpAnswer, 'status' | 'headers' | 'body'>,
  isAnswer: (body: Uint8Array) => boolean,
): NoAnswerCause | null {
  if (status === 511) return 'captive';
  if (body.length === 0) return 'empty';
  if (isAnswer(body)) return null; // spec L4
  const text = new TextDecoder().decode(body).trim();
  const isWhole = isJson(text);
  const isProblem = status >= 400 && /^application\/problem\+json\b/i.test(headers['content-type'] ?? '');
  if ((isWhole && isProblem) || isEnvelope(body) || isAnswerShaped(body)) return 'http';
  if (!isWhole && text.startsWith('{')) return text.endsWith('>') ? 'http' : 'truncated';
  return isLoginPage(text) ? 'captive' : 'blocked'; // spec L4
}

/** The page, if it is one, asks to log in or to accept terms. */
export function isLoginPage(text: string): boolean {
  return (
    /<form[\s>]/i.test(text) &&
    /type\s*=\s*["']?password|log[\s-]?in|sign[\s-]?in|accept|terms|captive|portal|hotspot/i.test(text)
  );
}

/** The host that a redirect from `host` leads to, `host` where none can be told; null: it is no redirect. */
export function redirectHost(status: number, location: string | undefined, host: string): string | null {
  if (status < 300 || status > 399) return null;
  try {
    return new URL(location ?? '', `http://${authority({ host, port: 80 }, 80)}`).hostname.replace(/[[\]]/g, '');
  } catch {
    return host;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

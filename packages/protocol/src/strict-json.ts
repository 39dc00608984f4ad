// JSON with one meaning: what two parsers could read differently is refused. No number but the integers that every language holds exactly.
import { check } from './errors.ts';
import { MAX_BODY_BYTES, MAX_JSON_LEVELS } from './limits.ts';

/** A value of strict JSON: no number but integers from 0 to 2^53-1. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
/** An object of strict JSON; every member is an own property, `__proto__` too. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/**
 * The JSON value of a body.
 *
 * @throws ProtocolError `too-large`, `json`, in this order. @see spec F1, F2
 */
export function parseBody(bytes: Uint8Array): JsonValue {
  check(bytes.length <= MAX_BODY_BYTES, 'too-large'); // spec F1
  const text = textOf(bytes);
  check(Buffer.from(text).equals(bytes), 'json'); // spec F2
  return parseStrictJson(text);
}

/**
 * The JSON object of a payload, which is one line of text.
 *
 * @throws ProtocolError `json`. @see spec F2, F3
 */
export function parsePayload(text: string): JsonObject {
  check(!/[\n\r\t]/.test(text), 'json'); // spec F3
  const value = parseStrictJson(text);
  check(isJsonObject(value), 'json'); // spec F3
  return value;
}

/**
 * The JSON value of a text.
 *
 * @throws ProtocolError `json`: not RFC 8259, a repeated member, a lone surrogate, U+0000, a number that is not an integer from 0 to
 * 2^53-1, more than 16 levels. @see spec F2
 */
export function parseStrictJson(text: string): JsonValue {
  const value = looseJson(text);
  check(value !== undefined, 'json'); // spec F2
  checkTokens(text);
  return value;
}

function looseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The JSON value of a body, however badly written; undefined where it is none. */
export const looseBody = (bytes: Uint8Array): JsonValue | undefined => looseJson(textOf(bytes));

/** Bytes as UTF-8; what is none of it becomes U+FFFD. */
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Tells an object from the other JSON values. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Strings, with the colon that makes them names; brackets that open and that close; numbers. */
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")\s*(:?)|([[{])|([\]}])|[-\d][^\s,\]}]*/g;

/** Nothing in `text`, which JSON.parse has read, is what it takes and we do not. */
function checkTokens(text: string): void {
  /** The names so far in each object, or array, that is open; the innermost first. */
  const open: Set<string>[] = [];
  for (const [token, string, colon, opening, closing] of text.matchAll(TOKEN)) {
    if (string) {
      const content: string = JSON.parse(string);
      check(!/[\0\p{Surrogate}]/u.test(content), 'json'); // spec F2
      if (colon) {
        check(!open[0]?.has(content), 'json'); // spec F2
        open[0]?.add(content);
      }
    } else if (opening) {
      open.unshift(new Set());
      check(open.length <= MAX_JSON_LEVELS, 'json'); // spec F2
    } else if (closing) open.shift();
    else check(/^\d+$/.test(token) && Number.isSafeInteger(Number(token)), 'json'); // spec F2
  }
}

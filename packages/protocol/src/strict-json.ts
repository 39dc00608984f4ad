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
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  check(Buffer.from(text, 'utf8').equals(bytes), 'json'); // spec F2
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
  const reader = new Reader(text);
  const value = reader.value(1);
  reader.skipSpace();
  check(reader.atEnd(), 'json'); // spec F2
  return value;
}

/** Tells an object from the other JSON values. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"/y;
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const WORDS = new Map<string | undefined, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(level: number): JsonValue {
    this.skipSpace();
    if (this.#take('{')) return this.#object(level);
    if (this.#take('[')) return this.#array(level);
    if (this.#text[this.#at] === '"') return this.#string();
    const word = WORDS.get(this.#match(WORD));
    return word === undefined ? this.#number() : word;
  }

  skipSpace(): void {
    this.#match(SPACE);
  }

  atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  #object(level: number): JsonObject {
    this.#enter(level);
    const members = new Map<string, JsonValue>();
    this.#list('}', () => {
      this.skipSpace();
      const name = this.#string();
      check(!members.has(name), 'json'); // spec F2
      this.#expect(':');
      members.set(name, this.value(level + 1));
    });
    return Object.fromEntries(members);
  }

  #array(level: number): readonly JsonValue[] {
    this.#enter(level);
    const items: JsonValue[] = [];
    this.#list(']', () => items.push(this.value(level + 1)));
    return items;
  }

  #enter(level: number): void {
    check(level <= MAX_JSON_LEVELS, 'json'); // spec F2
  }

  #list(end: string, item: () => void): void {
    this.skipSpace();
    if (this.#take(end)) return;
    do {
      item();
      this.skipSpace();
    } while (this.#take(','));
    this.#expect(end);
  }

  #string(): string {
    const literal = this.#match(STRING);
    check(literal !== undefined, 'json'); // spec F2
    const value: unknown = JSON.parse(literal);
    check(typeof value === 'string' && !/[\0\p{Surrogate}]/u.test(value), 'json'); // spec F2
    return value;
  }

  #number(): number {
    const literal = this.#match(NUMBER) ?? '';
    check(/^(?:0|[1-9][0-9]*)$/.test(literal), 'json'); // spec F2
    check(Number.isSafeInteger(Number(literal)), 'json'); // spec F2
    return Number(literal);
  }

  #expect(character: string): void {
    this.skipSpace();
    check(this.#take(character), 'json'); // spec F2
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

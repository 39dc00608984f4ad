// A declarative codec for messages: one description gives the parser of what came in, the formatter of what goes out, and the type.
import { check, checkForm } from './errors.ts';
import { isJsonObject, type JsonObject, type JsonValue, parsePayload } from './strict-json.ts';

/**
 * The parser of one value, which throws ProtocolError `schema`. `format` is its inverse and checks nothing; without it the value is on
 * the wire as it is.
 */
export interface Codec<T> {
  (value: unknown): T;
  format?(value: T): unknown;
}

type Members = Readonly<Record<string, Codec<unknown>>>;
type Value<C> = C extends Codec<infer T> ? T : never;
type ObjectOf<M> = { readonly [K in keyof M as K extends `${string}?` ? never : K]: Value<M[K]> } & {
  readonly [K in keyof M as K extends `${infer N}?` ? N : never]?: Value<M[K]>;
};

/** An object with exactly these members; the name of one that may be missing ends with a question mark. @see spec F4 */
export function object<M extends Members>(members: M): Codec<ObjectOf<M>> {
  const fields = Object.entries(members).map(([given, codec]) => [given.replace('?', ''), codec, given] as const);
  const parse = (value: unknown): ObjectOf<M> => {
    checkForm(isJsonObject(value)); // spec F4
    const result: Record<string, unknown> = {};
    for (const [name, codec, given] of fields) {
      const found = value[name];
      if (found !== undefined) result[name] = codec(found);
      else checkForm(name !== given, name); // spec F4
    }
    checkForm(Object.keys(value).length === Object.keys(result).length); // spec F4
    return result as ObjectOf<M>;
  };
  const format = (value: Readonly<Record<string, unknown>>): object =>
    Object.fromEntries(fields.map(([name, codec]) => [name, formatted(codec, value[name])]));
  return withFormat(parse, format);
}

/** The same value or null. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return (value) => (value === null ? null : codec(value));
}

/** An array of `min` to `max` items. */
export function array<T>(item: Codec<T>, max: number, min = 0): Codec<readonly T[]> {
  const parse = (value: unknown): readonly T[] => {
    checkForm(Array.isArray(value) && isWithin(value.length, max, min)); // spec F4
    return value.map(item);
  };
  return withFormat(parse, (value) => value.map((entry) => formatted(item, entry)));
}

/** A value for which `fits` holds, and which is on the wire as it is; `name` is what errors call it. */
export function form<T>(fits: (value: unknown) => boolean, name?: string): Codec<T> {
  return (value) => {
    checkForm(fits(value), name); // spec F4
    return value as T;
  };
}

/** The words of a text, one space between them. */
export type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S;

/** One of these words. */
export function oneOf<S extends string>(words: S): Codec<Words<S>> {
  const known: readonly unknown[] = words.split(' ');
  return form((value) => known.includes(value));
}

/** An integer from `min` to `max`. */
export function integer(max = Number.MAX_SAFE_INTEGER, min = 0): Codec<number> {
  return form((value) => typeof value === 'number' && isWithin(value, max, min));
}

/** True or false. */
export const boolean: Codec<boolean> = form((value) => typeof value === 'boolean');

/** An object with any members, kept as it is. */
export const anyObject: Codec<JsonObject> = form(isJsonObject);

/** What `parse` reads and `format` writes. */
export function withFormat<T>(parse: (value: unknown) => T, format: (value: T) => unknown): Codec<T> {
  return Object.assign(parse, { format });
}

/** Text for which `fits` holds. */
export function textForm<T extends string>(fits: (text: string) => boolean, name?: string): Codec<T> {
  return form((value) => typeof value === 'string' && fits(value), name);
}

/** From `min` to `max`, both included. */
export const isWithin = (value: number, max: number, min: number): boolean => value >= min && value <= max;

function formatted<T>(codec: Codec<T>, value: T): unknown {
  return value != null && codec.format ? codec.format(value) : value;
}

/** The text of a value as `codec` has it on the wire. */
export function encode<T>(codec: Codec<T>, value: T): string {
  return JSON.stringify(formatted(codec, value));
}

/** The parser of payloads of one type, which say their type, version and service first, and what writes them. */
export interface Message<T extends { readonly service: string }> {
  /** The message of a payload for `service`. @throws ProtocolError `json`, `type`, `version`, `service`, `schema`, in this order. */
  (payload: string, service: T['service']): T;
  /** The payload; what the parser would refuse is refused here too. */
  encode(message: T): string;
}

/** The payload of `type` with `members`; `verify` says what no member says alone. @see spec F3, F4, F5 */
export function message<T extends { readonly service: string }>(
  type: string,
  members: Codec<T>,
  verify?: (message: T) => void,
): Message<T> {
  const parse = (payload: string, service: T['service']): T => {
    const { type: givenType, version, ...rest } = parsePayload(payload);
    checkHead('type', givenType, type);
    checkHead('version', version, 1);
    checkHead('service', rest['service'], service);
    const parsed = members(rest);
    verify?.(parsed);
    return parsed;
  };
  const encode = (value: T): string => {
    const payload = JSON.stringify({ type, version: 1, ...(formatted(members, value) as object) });
    parse(payload, value.service);
    return payload;
  };
  return Object.assign(parse, { encode });
}

function checkHead(
  name: 'type' | 'version' | 'service',
  given: JsonValue | undefined,
  expected: string | number,
): void {
  checkForm(typeof given === typeof expected, name); // spec F4
  check(given === expected, name); // spec F5
}

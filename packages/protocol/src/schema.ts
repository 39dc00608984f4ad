// A declarative codec for messages: one description gives the parser of what came in, the formatter of what goes out, and the type.
import { check, type ProtocolErrorCode } from './errors.ts';
import { isJsonObject, type JsonObject, type JsonValue, parsePayload } from './strict-json.ts';

/** Both directions of one value. `parse` throws ProtocolError `schema` and names `where`; `format` is its inverse and checks nothing. */
export interface Codec<T> {
  parse(value: JsonValue, where: string): T;
  format(value: T): JsonValue;
}

/** A member that may be missing. */
export interface OptionalCodec<T> extends Codec<T> {
  readonly optional: true;
}

type Members = Readonly<Record<string, Codec<unknown>>>;
type OptionalNames<M> = { [K in keyof M]: M[K] extends { readonly optional: true } ? K : never }[keyof M];
type Value<C> = C extends Codec<infer T> ? T : never;
type ObjectOf<M> = { readonly [K in Exclude<keyof M, OptionalNames<M>>]: Value<M[K]> } & {
  readonly [K in OptionalNames<M>]?: Value<M[K]>;
};

/** An object with exactly these members. @see spec F4 */
export function object<M extends Members>(members: M): Codec<ObjectOf<M>> {
  return {
    parse(value, where) {
      check(isJsonObject(value), 'schema', `${where} is not an object.`); // spec F4
      const known = Object.keys(value).every((name) => Object.hasOwn(members, name));
      check(known, 'schema', `${where} has an unknown member.`); // spec F4
      const result: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(members)) {
        const part = `${where}.${name}`;
        const found = Object.hasOwn(value, name) ? value[name] : undefined;
        if (found === undefined)
          check('optional' in member, 'schema', `${part} is missing.`); // spec F4
        else result[name] = member.parse(found, part);
      }
      return result as ObjectOf<M>;
    },
    format(value) {
      const given = value as Readonly<Record<string, unknown>>;
      const result: Record<string, JsonValue> = {};
      for (const [name, member] of Object.entries(members)) {
        if (given[name] !== undefined) result[name] = member.format(given[name]);
      }
      return result;
    },
  };
}

/** The same value, which an object may lack. */
export function optional<T>(codec: Codec<T>): OptionalCodec<T> {
  return { ...codec, optional: true };
}

/** The same value or null. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    parse: (value, where) => (value === null ? null : codec.parse(value, where)),
    format: (value) => (value === null ? null : codec.format(value)),
  };
}

/** An array of `min` to `max` items. */
export function array<T>(item: Codec<T>, max: number, min = 0): Codec<readonly T[]> {
  return {
    parse(value, where) {
      const fits = Array.isArray(value) && value.length >= min && value.length <= max;
      check(fits, 'schema', `${where} is not an array of ${min} to ${max} items.`); // spec F4
      return value.map((entry: JsonValue) => item.parse(entry, where));
    },
    format: (value) => value.map((entry) => item.format(entry)),
  };
}

/** One of the given values. */
export function oneOf<const T extends string | number | boolean>(...values: readonly T[]): Codec<T> {
  return {
    parse(value, where) {
      const found = values.find((known) => known === value);
      check(found !== undefined, 'schema', `${where} is none of the values it may have.`); // spec F4
      return found;
    },
    format: (value) => value,
  };
}

/** An integer from `min` to `max`. */
export function integer(max = Number.MAX_SAFE_INTEGER, min = 0): Codec<number> {
  return {
    parse(value, where) {
      const fits = typeof value === 'number' && value >= min && value <= max;
      check(fits, 'schema', `${where} is not an integer from ${min} to ${max}.`); // spec F4
      return value;
    },
    format: (value) => value,
  };
}

/** An object with any members, kept as it is. */
export const anyObject: Codec<JsonObject> = {
  parse(value, where) {
    check(isJsonObject(value), 'schema', `${where} is not an object.`); // spec F4
    return value;
  },
  format: (value) => value,
};

/** A codec of a value that is text on the wire. */
export function textual<T>(
  parse: (value: unknown, where: string) => T,
  format: (value: T) => string = String,
): Codec<T> {
  return { parse, format };
}

/** A payload: an object that says its type, version and service first. */
export interface Message<T> {
  /** The message of a payload for `service`. @throws ProtocolError `json`, `type`, `version`, `service`, `schema`, in this order. */
  parse(payload: string, service: string): T;
  /** The payload; what `parse` would refuse is refused here too. */
  encode(message: T): string;
}

/** The payload of `type` with `members`; `verify` says what no member says alone. @see spec F3, F4, F5 */
export function message<T extends { readonly service: string }>(
  type: string,
  members: Codec<T>,
  verify: (message: T) => void = () => undefined,
): Message<T> {
  const parse = (payload: string, service: string): T => {
    const { type: givenType, version, ...rest } = parsePayload(payload);
    checkHead(givenType, type, 'type');
    checkHead(version, 1, 'version');
    checkHead(rest['service'], service, 'service');
    const parsed = members.parse(rest, type);
    verify(parsed);
    return parsed;
  };
  return {
    parse,
    encode(value) {
      const payload = JSON.stringify({ type, version: 1, ...(members.format(value) as JsonObject) });
      parse(payload, value.service);
      return payload;
    },
  };
}

function checkHead(given: JsonValue | undefined, expected: string | number, code: ProtocolErrorCode): void {
  check(typeof given === typeof expected, 'schema', `${code} is missing.`); // spec F4
  check(given === expected, code, `The message has another ${code} than the one expected here.`); // spec F5
}

// One JSON object of the configuration, read member by member, each with a sentence for what is wrong with it.
import { type JsonObject, type JsonValue, ProtocolError } from '@windlass/protocol';

/** The configuration cannot be used; the message says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The members of one object. Each method throws ConfigError. */
export class Members {
  readonly #where: string;
  readonly #object: JsonObject;

  constructor(where: string, value: JsonValue) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ConfigError(`${where}: this must be a JSON object.`);
    this.#where = where;
    this.#object = value as JsonObject;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  names(): readonly string[] {
    return Object.keys(this.#object);
  }

  /** Required where there is no fallback. */
  text(name: string, fallback?: string): string {
    if (!this.has(name) && fallback !== undefined) return fallback;
    const value = this.#get(name);
    if (typeof value !== 'string' || value === '') throw this.#wrong(name, 'a text');
    return value;
  }

  oneOf<const T extends string>(name: string, values: readonly [T, ...T[]]): T {
    const text = this.text(name, values[0]);
    const found = values.find((value) => value === text);
    if (found === undefined) throw this.#wrong(name, `one of ${values.join(', ')}`);
    return found;
  }

  parsed<T>(name: string, parse: (value: unknown) => T, what: string): T {
    try {
      return parse(this.#get(name));
    } catch (error) {
      if (error instanceof ProtocolError) throw this.#wrong(name, what);
      throw error;
    }
  }

  port(name: string, fallback: number): number {
    const value = this.has(name) ? this.#get(name) : fallback;
    if (typeof value !== 'number' || value < 1 || value > 65_535) throw this.#wrong(name, 'a port from 1 to 65535');
    return value;
  }

  list(name: string, most: number): readonly JsonValue[] {
    const value = this.has(name) ? this.#get(name) : [];
    if (!Array.isArray(value) || value.length > most) throw this.#wrong(name, `a list of at most ${most}`);
    return value as readonly JsonValue[];
  }

  /** An empty one where it is missing. */
  object(name: string): Members {
    return new Members(`${this.#where}: ${name}`, this.has(name) ? this.#get(name) : {});
  }

  #get(name: string): JsonValue {
    const value = this.has(name) ? this.#object[name] : undefined;
    if (value === undefined) throw new ConfigError(`${this.#where}: "${name}" is missing.`);
    return value;
  }

  #wrong(name: string, what: string): ConfigError {
    return new ConfigError(`${this.#where}: "${name}" must be ${what}.`);
  }
}

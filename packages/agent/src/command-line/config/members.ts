// One JSON object of the configuration, read member by member, each with a sentence for what is wrong with it.
import { resolve } from 'node:path';
import type { JsonObject, JsonValue } from '@windlass/protocol';

/** The configuration cannot be used; the message says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The members of one object; paths in it are relative to `directory`. Each method throws ConfigError. */
export class Members {
  readonly #where: string;
  readonly #object: JsonObject;
  readonly #directory: string;
  readonly #asked = new Set<string>();

  constructor(where: string, value: JsonValue, directory: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ConfigError(`${where} must be a JSON object.`);
    this.#where = where;
    this.#object = value as JsonObject;
    this.#directory = directory;
  }

  names(): readonly string[] {
    return Object.keys(this.#object);
  }

  /** Those that nobody has asked for yet. */
  unasked(): readonly string[] {
    return this.names().filter((name) => !this.#asked.has(name));
  }

  has(name: string): boolean {
    this.#asked.add(name);
    return Object.hasOwn(this.#object, name);
  }

  /** What `parse` makes of the member; required where there is no fallback. `what` completes "must be". */
  parsed<T>(name: string, parse: (value: JsonValue) => T, what: string, fallback?: T): T {
    const value = this.has(name) ? this.#object[name] : undefined;
    if (value === undefined && fallback !== undefined) return fallback;
    if (value === undefined) throw new ConfigError(`${this.#where}: "${name}" is missing.`);
    try {
      return parse(value);
    } catch {
      throw new ConfigError(`${this.#where}: "${name}" must be ${what}.`);
    }
  }

  text(name: string, fallback?: string): string {
    return this.parsed(
      name,
      (value) => accepted(typeof value === 'string' && value !== '' && value),
      'a text',
      fallback,
    );
  }

  /** A text that names a file. */
  path(name: string): string {
    return resolve(this.#directory, this.text(name));
  }

  /** Texts that name files; none where it is missing. */
  paths(name: string, most: number): readonly string[] {
    const fits = (value: JsonValue): readonly string[] =>
      accepted(Array.isArray(value) && value.length <= most && value).map((each) => matched(each, /./));
    const found = this.parsed(name, fits, `a list of at most ${most} files`, []);
    return found.map((each) => resolve(this.#directory, each));
  }

  /** The first one where it is missing. */
  oneOf<const T extends string>(name: string, values: readonly [T, ...T[]]): T {
    const known = (value: JsonValue): T => accepted(values.find((each) => each === value));
    return this.parsed(name, known, values.join(' or '), values[0]);
  }

  /** False where it is missing. */
  flag(name: string): boolean {
    const isFlag = (value: JsonValue): boolean => accepted(typeof value === 'boolean' && [value])[0] ?? false;
    return this.parsed(name, isFlag, 'true or false', false);
  }

  port(name: string, fallback: number): number {
    const isPort = (value: JsonValue): number => accepted(typeof value === 'number' && value <= 65_535 && value);
    return this.parsed(name, isPort, 'a port from 1 to 65535', fallback);
  }

  /** None where it is missing. */
  objects(name: string, most: number): readonly Members[] {
    const fits = (value: JsonValue): readonly JsonValue[] =>
      accepted(Array.isArray(value) && value.length <= most && value);
    const found = this.parsed(name, fits, `a list of at most ${most}`, []);
    return found.map((each) => new Members(`${this.#where}: "${name}"`, each, this.#directory));
  }

  /** An empty one where it is missing. */
  object(name: string): Members {
    return new Members(`${this.#where}: "${name}"`, (this.has(name) && this.#object[name]) || {}, this.#directory);
  }
}

function accepted<T>(value: T | false | 0 | undefined): T {
  if (!value) throw new Error();
  return value;
}

/** `value`, which must be a text of this form. @throws Error */
export function matched(value: JsonValue, form: RegExp): string {
  return accepted(typeof value === 'string' && form.test(value) && value);
}

// One JSON object of the configuration, read member by member, each with a sentence for what is wrong with it.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { JsonObject, JsonValue } from '@windlass/protocol';

/** The configuration cannot be used; the message says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The members of one object; paths in it are relative to `directory`, and noted in `named`. Each method throws ConfigError. */
export class Members {
  readonly #where: string;
  readonly #object: JsonObject;
  readonly #directory: string;
  readonly #named: string[];
  readonly #asked = new Set<string>();
  readonly #inner: Members[] = [];

  constructor(where: string, value: JsonValue, directory: string, named: string[] = []) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ConfigError(`${where} must be a JSON object.`);
    this.#where = where;
    this.#object = value as JsonObject;
    this.#directory = directory;
    this.#named = named;
  }

  /** The error with a sentence about this object, which says where it is; `what` is without the full stop. */
  problem(what: string): ConfigError {
    return new ConfigError(`${this.#where}: ${what}.`);
  }

  names(): readonly string[] {
    return Object.keys(this.#object);
  }

  /** A warning for each member that nobody has asked for yet, also of the objects in this one. */
  unknown(): readonly string[] {
    const unasked = this.names().filter((name) => !this.#asked.has(name));
    const warnings = unasked.map((name) => this.problem(`"${name}" is not known and has no effect`).message);
    return [...warnings, ...this.#inner.flatMap((each) => each.unknown())];
  }

  has(name: string): boolean {
    this.#asked.add(name);
    return Object.hasOwn(this.#object, name);
  }

  /** What `parse` makes of the member; required where there is no fallback. `what` completes "must be". */
  parsed<T>(name: string, parse: (value: JsonValue) => T, what: string, fallback?: T): T {
    const value = this.has(name) ? this.#object[name] : undefined;
    if (value === undefined && fallback !== undefined) return fallback;
    if (value === undefined) throw this.problem(`"${name}" is missing`);
    try {
      return parse(value);
    } catch {
      throw this.problem(`"${name}" must be ${what}`);
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
    return this.#resolved(this.text(name));
  }

  /** The same for a file that is written as a whole: none of `kept`, and none that a member named up to now, by whatever path. */
  pathBeside(name: string, kept: readonly string[]): string {
    const others = [...kept, ...this.#named].map(realPath);
    const path = this.path(name);
    if (others.includes(realPath(path)))
      throw this.problem(`"${name}" is ${path}, which is used for something else: give this a file of its own`);
    return path;
  }

  /** Texts that name files; none where it is missing. */
  paths(name: string, most: number): readonly string[] {
    const fits = (value: JsonValue): readonly string[] =>
      accepted(Array.isArray(value) && value.length <= most && value).map((each) => matched(each, /./));
    const found = this.parsed(name, fits, `a list of at most ${most} files`, []);
    return found.map((each) => this.#resolved(each));
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
    return found.map((each) => this.#within(name, each));
  }

  /** An empty one where it is missing. */
  object(name: string): Members {
    return this.#within(name, (this.has(name) && this.#object[name]) || {});
  }

  #resolved(text: string): string {
    const path = resolve(this.#directory, text);
    this.#named.push(path);
    return path;
  }

  #within(name: string, value: JsonValue): Members {
    const inner = new Members(`${this.#where}: "${name}"`, value, this.#directory, this.#named);
    this.#inner.push(inner);
    return inner;
  }
}

/** Of a file that is not there yet: where it is going to be. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realPath(dirname(path)), basename(path));
}

function accepted<T>(value: T | false | 0 | undefined): T {
  if (!value) throw new Error();
  return value;
}

/** `value`, which must be a text of this form. @throws Error */
export function matched(value: JsonValue, form: RegExp): string {
  return accepted(typeof value === 'string' && form.test(value) && value);
}

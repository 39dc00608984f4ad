// Data files read from outside: `unknown` comes in, and what has another shape is refused with a sentence.

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The file's value, or that of the file beside it with `.gz` at the end. @throws Error when there is neither */
export function readJsonFile(file: string): unknown {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  return JSON.parse(gunzipSync(readFileSync(`${file}.gz`)).toString());
}

/** @throws Error when it is no object */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(wrong(value, 'an object'));
  return value as Readonly<Record<string, unknown>>;
}

/** An absent list is empty. @throws Error when it is no list, or an item is refused */
export function asList<T>(value: unknown, parse: (item: unknown) => T): T[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(wrong(value, 'a list'));
  return value.map(parse);
}

/** @throws Error when it is no string */
export function asText(value: unknown): string {
  if (typeof value !== 'string') throw new Error(wrong(value, 'a string'));
  return value;
}

/** @throws Error when it is no number */
export function asNumber(value: unknown): number {
  if (typeof value !== 'number') throw new Error(wrong(value, 'a number'));
  return value;
}

/** `undefined` and `null` stay away. @throws Error when `parse` refuses it */
export function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : parse(value);
}

function wrong(value: unknown, wanted: string): string {
  return `The conformance data is not as described: ${wanted} was expected instead of ${value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60)}.`;
}

import { expect, test } from 'vitest';
import { withArrowFunctions } from './arrow-functions.ts';

/** What the module exports once it has run. */
const run = (code: string): Promise<Readonly<Record<string, unknown>>> =>
  import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);

const hasFunction = (code: string): boolean => /\bfunction\b/.test(code);

test('a function can be called before its line, as a declaration can, also by another one', async () => {
  const code = await withArrowFunctions(
    'import { sep } from "node:path"; export const early = first(1); function first(n) { return second(n) + sep } function second(n) { return n + 1 }',
  );
  expect(hasFunction(code)).toBe(false);
  expect((await run(code))['early']).toBe('2/');
});

test('what a function takes and gives stays the same: defaults, parts, the rest, promises', async () => {
  const code = await withArrowFunctions(
    'async function f({ a, b = a }, [c], d = 4, ...rest) { return [await a, b, c, d, ...rest] } export { f }',
  );
  expect(hasFunction(code)).toBe(false);
  const { f } = await run(code);
  expect((f as CallableFunction).length).toBe(2);
  expect(await (f as CallableFunction)({ a: 1 }, [3], undefined, 5)).toEqual([1, 1, 3, 4, 5]);
});

test.each([
  ['this', 'function f() { return this.n }'],
  ['this in a default', 'function f(n = this.n) { return n }'],
  ['arguments', 'function f() { return arguments.length }'],
  ['a generator', 'function* f() { yield 1 }'],
])('a function with what an arrow function does not have stays: %s', async (_, text) => {
  const code = await withArrowFunctions(`${text} function g() { return f } export const it = { f, n: 1, g };`);
  expect(code.match(/\bfunction\b/g)).toHaveLength(1);
  const { it } = (await run(code)) as { it: { f(...args: unknown[]): unknown; g(): unknown } };
  expect(it.g()).toBe(it.f);
  const found = it.f();
  expect(typeof found === 'object' ? [...(found as Iterable<number>)] : found).toEqual(
    text.includes('*') ? [1] : text.includes('this') ? 1 : 0,
  );
});

test('what is exported with its declaration, and what is inside of others, is left as it is', async () => {
  const code = await withArrowFunctions('export function f() { function g() { return 1 } return g() }');
  expect(code.match(/\bfunction\b/g)).toHaveLength(2);
});

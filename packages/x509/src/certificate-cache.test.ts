import { expect, test } from 'vitest';
import { cachingParser } from './certificate-cache.ts';
import { makeCa } from './testing/test-certificates.ts';

const [a, b, c] = ['a', 'b', 'c'].map((name) => makeCa(name).certificate.der) as [Uint8Array, Uint8Array, Uint8Array];

test('the same bytes give the same certificate, whoever holds them', () => {
  const parse = cachingParser();
  expect(parse(Uint8Array.from(a))).toBe(parse(a));
  expect(parse(a)).not.toBe(parse(b));
});

test('what was asked for least recently goes', () => {
  const parse = cachingParser(2);
  const [first, second] = [parse(a), parse(b)];
  expect(parse(a)).toBe(first);
  parse(c);
  expect(parse(a)).toBe(first);
  expect(parse(b)).not.toBe(second);
});

test('what is no certificate is refused each time, and keeps nothing out', () => {
  const parse = cachingParser(1);
  const first = parse(a);
  for (const _ of [1, 2]) expect(() => parse(a.subarray(1))).toThrow(expect.objectContaining({ code: 'der' }));
  expect(parse(a)).toBe(first);
});

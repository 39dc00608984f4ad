import { expect, test } from 'vitest';
import { covers } from './scope.ts';

test('a host covers itself and every name below it, and nothing beside it', () => {
  expect(covers(['example.com'], 'example.com')).toBe(true);
  expect(covers(['example.com'], 'a.b.example.com')).toBe(true);
  expect(covers(['example.com'], 'A.Example.COM')).toBe(true);
  expect(covers(['example.com'], 'badexample.com')).toBe(false);
  expect(covers(['example.com'], 'example.com.evil')).toBe(false);
  expect(covers(['a.example.com'], 'example.com')).toBe(false);
  expect(covers(['other.example', 'example.com'], 'x.example.com')).toBe(true);
  expect(covers([], 'example.com')).toBe(false);
});

test('a star covers every name and every address', () => {
  expect(covers(['*'], 'example.com')).toBe(true);
  expect(covers(['*'], '10.1.2.3')).toBe(true);
});

test('a prefix covers the addresses in it, of its family, and no name', () => {
  expect(covers(['10.0.0.0/8'], '10.1.2.3')).toBe(true);
  expect(covers(['10.0.0.0/8'], '11.1.2.3')).toBe(false);
  expect(covers(['0.0.0.0/0'], '::1')).toBe(false);
  expect(covers(['2001:db8::/32'], '2001:db8:1::2')).toBe(true);
  expect(covers(['2001:db8::/32'], '2001:db9::2')).toBe(false);
  expect(covers(['10.0.0.1'], '10.0.0.1')).toBe(true);
  expect(covers(['2001:db8::1'], '2001:0db8:0::1')).toBe(true);
  expect(covers(['10.0.0.0/8'], 'a.10.0.0.0')).toBe(false);
  expect(covers(['2.3'], '10.1.2.3')).toBe(false);
  expect(covers(['10.0.0.0/8'], 'example.com')).toBe(false);
});

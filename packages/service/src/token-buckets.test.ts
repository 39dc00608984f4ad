import { expect, test } from 'vitest';
import { createTokenBuckets } from './token-buckets.ts';

const options = { perSecond: 2, burst: 3, maxAddresses: 2 };

test('an address has its burst, then its rate, and is told how long to wait', () => {
  const buckets = createTokenBuckets(options);
  const take = (now: number) => buckets.take('192.0.2.1', now);
  expect([take(0), take(0), take(0), take(0)]).toEqual([0, 0, 0, 1]);
  expect([take(499), take(500), take(500)]).toEqual([1, 0, 1]);
  expect([take(60_000), take(60_000), take(60_000), take(60_000)]).toEqual([0, 0, 0, 1]);
});

test('a slow rate: the wait is as long as a token takes', () => {
  const buckets = createTokenBuckets({ ...options, perSecond: 0.1, burst: 1 });
  expect([buckets.take('192.0.2.1', 0), buckets.take('192.0.2.1', 0), buckets.take('192.0.2.1', 9_000)]).toEqual([
    0, 10, 1,
  ]);
});

test('addresses do not take from each other; an IPv6 client is its /64; a mapped IPv4 address is itself', () => {
  const buckets = createTokenBuckets({ ...options, burst: 1, maxAddresses: 10 });
  const take = (address: string) => buckets.take(address, 0);
  expect([take('192.0.2.1'), take('192.0.2.2'), take('::ffff:192.0.2.1')]).toEqual([0, 0, 1]);
  expect([take('2001:db8:0:1::1'), take('2001:db8:0:1:ffff::2'), take('2001:db8:0:2::1')]).toEqual([0, 1, 0]);
  expect([take('fe80::1%eth0'), take('fe80::2%eth0'), take('not an address')]).toEqual([0, 1, 0]);
});

test('a clock that goes back gives nothing', () => {
  const buckets = createTokenBuckets({ ...options, burst: 1 });
  expect([buckets.take('192.0.2.1', 1_000), buckets.take('192.0.2.1', 0)]).toEqual([0, 1]);
});

test('the address that was quiet longest is forgotten first, and memory is bounded', () => {
  const buckets = createTokenBuckets({ ...options, burst: 1 });
  const take = (address: string) => buckets.take(address, 0);
  expect([take('192.0.2.1'), take('192.0.2.2'), take('192.0.2.1'), take('192.0.2.3')]).toEqual([0, 0, 1, 0]);
  expect([take('192.0.2.1'), take('192.0.2.2')]).toEqual([1, 0]);
});

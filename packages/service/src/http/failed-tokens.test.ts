import type { UnixSeconds } from '@windlass/protocol';
import { expect, test } from 'vitest';
import { countFailedTokens, MAX_FAILED_TOKENS } from './failed-tokens.ts';

const at = (seconds: number): UnixSeconds => seconds as UnixSeconds;

test('an address has to wait after ten failures, and no other address does', () => {
  const failures = countFailedTokens();
  const reached = Array.from({ length: MAX_FAILED_TOKENS }, () => failures.failed('a', at(1000)));
  expect(reached.indexOf(true)).toBe(MAX_FAILED_TOKENS - 1);
  expect(failures.blocked('a', at(1030))).toBe(true);
  expect(failures.blocked('b', at(1030))).toBe(false);
});

test('after a minute the address is listened to again', () => {
  const failures = countFailedTokens();
  for (let index = 0; index < MAX_FAILED_TOKENS; index++) failures.failed('a', at(1000));
  expect(failures.blocked('a', at(1059))).toBe(true);
  expect(failures.blocked('a', at(1060))).toBe(false);
  failures.failed('a', at(1060));
  expect(failures.blocked('a', at(1060))).toBe(false);
});

test('a clock that is set back does not keep an address waiting', () => {
  const failures = countFailedTokens();
  for (let index = 0; index < MAX_FAILED_TOKENS; index++) failures.failed('a', at(1000));
  expect(failures.blocked('a', at(10))).toBe(false);
});

test('one client of IPv6 has many addresses and is counted once', () => {
  const failures = countFailedTokens();
  for (let index = 0; index < MAX_FAILED_TOKENS; index++) failures.failed(`2001:db8::${index}`, at(1000));
  expect(failures.blocked('2001:db8::ffff', at(1001))).toBe(true);
  expect(failures.blocked('2001:db8:0:1::1', at(1001))).toBe(false);
});

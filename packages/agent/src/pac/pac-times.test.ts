import { expect, test } from 'vitest';
import type { PacValue } from './pac-functions.ts';
import { dateRange, timeRange, weekdayRange } from './pac-times.ts';

/** A Wednesday. */
const noon = new Date('2026-07-15T12:30:45Z');
const utc = (...given: readonly PacValue[]): PacValue[] => [...given, 'GMT'];

test.each<[readonly PacValue[], boolean]>([
  [['WED'], true],
  [['wed'], true],
  [['THU'], false],
  [['MON', 'FRI'], true],
  [['THU', 'TUE'], false],
  [['SAT', 'WED'], true],
  [['someday'], false],
  [[], false],
])('weekdayRange %j', (given, expected) => {
  expect(weekdayRange(noon, utc(...given))).toBe(expected);
});

test.each<[readonly PacValue[], boolean]>([
  [[15], true],
  [[16], false],
  [[1, 15], true],
  [[20, 14], false],
  [[20, 15], true],
  [['JUL'], true],
  [['JAN', 'MAR'], false],
  [['NOV', 'JUL'], true],
  [[2026], true],
  [[2020, 2025], false],
  [[15, 'JUL'], true],
  [[14, 'JUL'], false],
  [[1, 'JUN', 15, 'AUG'], true],
  [[1, 'AUG', 15, 'JUN'], false],
  [['JUL', 2026], true],
  [['JUN', 2026, 'AUG', 2026], true],
  [['AUG', 2025, 'JUN', 2026], false],
  [[15, 'JUL', 2026], true],
  [[15, 'JUL', 2025], false],
  [[1, 'JAN', 2026, 15, 'JUL', 2026], true],
  [[16, 'JUL', 2026, 1, 'JAN', 2027], false],
  [['never'], false],
  [[], false],
])('dateRange %j', (given, expected) => {
  expect(dateRange(noon, utc(...given))).toBe(expected);
});

test.each<[readonly PacValue[], boolean]>([
  [[12], true],
  [[13], false],
  [[9, 17], true],
  [[9, 12], false],
  [[22, 6], false],
  [[22, 13], true],
  [[12, 30, 12, 31], true],
  [[12, 31, 13, 0], false],
  [[12, 30, 45, 12, 30, 46], true],
  [[12, 30, 46, 12, 30, 47], false],
  [[1, 2, 3], false],
  [[-1, 2], false],
  [['x'], false],
])('timeRange %j', (given, expected) => {
  expect(timeRange(noon, utc(...given))).toBe(expected);
});

test('without GMT it is the time of this device', () => {
  expect(timeRange(noon, [noon.getHours()])).toBe(true);
  expect(dateRange(noon, [noon.getDate()])).toBe(true);
  expect(weekdayRange(noon, [['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'][noon.getDay()]])).toBe(true);
});

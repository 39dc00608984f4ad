import { expect, test } from 'vitest';
import { amount, type Figure, headLine, lineOf, median, verdictOf } from './figure.ts';

const figure = (value: number, most?: number, kind: 'hard' | 'goal' = 'hard'): Figure => ({
  kind: 'measured',
  name: 'first answer',
  value,
  unit: 'bytes',
  ...(most === undefined ? {} : { limit: { kind, most } }),
});

test('a figure at its limit is ok, one byte more is OVER', () => {
  expect(verdictOf(figure(14_600, 14_600))).toBe('ok');
  expect(verdictOf(figure(14_601, 14_600))).toBe('OVER');
});

test('a goal that is missed is said and is not OVER', () => {
  expect(verdictOf(figure(2, 1, 'goal'))).toBe('above the goal');
  expect(verdictOf(figure(1, 1, 'goal'))).toBe('ok');
});

test('no number is no success: a figure that is not a number is OVER', () => {
  expect(verdictOf(figure(Number.NaN, 1))).toBe('OVER');
});

test('a line has name, figure, limit and verdict in the columns of the heading', () => {
  const line = lineOf(figure(14_601, 14_600));
  expect(line).toMatch(/^first answer {2,}14 601 B {2,}<= 14 600 B {2}OVER$/);
  const columnEnd = headLine().indexOf('figure') + 'figure'.length;
  expect(line.slice(0, columnEnd)).toMatch(/14 601 B$/);
});

test('a line without a limit ends with a dash, one that was not run with the reason', () => {
  expect(lineOf(figure(3))).toMatch(/3 B +-$/);
  expect(lineOf({ kind: 'not-run', name: 'peer', reason: 'no nginx here.' })).toMatch(
    /^peer +not run: no nginx here\.$/,
  );
});

test('amounts: bytes whole and grouped, times and ratios with three digits, counts bare', () => {
  expect(amount(1_234_567.4, 'bytes')).toBe('1 234 567 B');
  expect(amount(1.23456, 'x')).toBe('1.23 x');
  expect(amount(12_345.6, 'per s')).toBe('12 346 per s');
  expect(amount(0, 'count')).toBe('0');
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow(RangeError);
});

import { expect, test } from 'vitest';
import { mostInOneSecond, onlineIn, returnsOf, type Seen } from './arrivals.ts';
import { seenOf } from './program.ts';

const lifeOf = (serial: string, told: number, back: number): readonly Seen[] => [
  { kind: 'asked', serial, at: told - 200 },
  { kind: 'told', serial, at: told, outcome: 'unclaimed' },
  { kind: 'asked', serial, at: back },
  { kind: 'told', serial, at: back + 100, outcome: 'not-inspected' },
];

test('the busiest second is any second, not one of a clock', () => {
  expect(mostInOneSecond([0.9, 1.1, 1.2, 1.85, 2.2])).toBe(4);
  expect(mostInOneSecond([0, 1, 2])).toBe(1);
});

test('those who were told one after the other and wait alike come one after the other, and are seen through', () => {
  const seen = [0, 1, 2, 3].flatMap((index) => lifeOf(`D-${index}`, index * 2_000, index * 2_000 + 60_000));
  expect(returnsOf(seen)).toEqual({
    count: 4,
    busiestShare: 0.25,
    busiestShareOfTold: 1,
    earliest: 60,
    latest: 60,
  });
});

test('an answer that is none is not what a device was told', () => {
  const [asked, ...rest] = lifeOf('D', 10_000, 70_000);
  const seen: Seen[] = [asked as Seen, { kind: 'told', serial: 'D', at: 9_900, outcome: 'no-answer' }, ...rest];
  expect(returnsOf(seen)).toMatchObject({ count: 1, earliest: 60 });
  expect([...onlineIn(seen)]).toEqual(['D']);
  expect([...onlineIn(seen.slice(0, 3))]).toEqual([]);
});

test('of a program: its answer is dated to the last connection before the line about it', () => {
  const lines = [
    { at: 15_000, text: '{"outcome":"no-answer"}' },
    { at: 30_400, text: '{"outcome":"unclaimed"}' },
    { at: 95_300, text: '{"outcome":"not-inspected"}' },
  ];
  const seen = seenOf('P', [0, 5_000, 30_000, 30_200, 95_000, 95_100], lines);
  expect(returnsOf(seen)).toMatchObject({ count: 1, earliest: 64.8 });
  expect([...onlineIn(seen)]).toEqual(['P']);
});

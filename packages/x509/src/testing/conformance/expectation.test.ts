import { expect, test } from 'vitest';
import { type Expectations, findGains, findProblems, readExpectations, SLOWEST_MS } from './expectation.ts';
import type { Deviation, Score } from './score.ts';

const EXPECTED: Expectations = { core: { run: 2, deviations: { known: 'its reason' } } };

function score(fields: Partial<Score> = {}): Score {
  return {
    suite: 'core',
    run: 2,
    ok: 2,
    deviations: [],
    notRun: {},
    slowest: { id: 'a', ms: 1 },
    ms: 2,
    offList: 0,
    ...fields,
  };
}

function deviation(id: string, fields: Partial<Deviation> = {}): Deviation {
  return { id, kind: 'false accept', concern: 'names', isSoft: false, ...fields };
}

test('as many cases as expected and only known deviations: no problem', () => {
  expect(findProblems([score({ deviations: [deviation('known')] })], EXPECTED, 'all')).toEqual([]);
});

test('a deviation that is not expected: a problem that names it', () => {
  const problems = findProblems([score({ deviations: [deviation('known'), deviation('new')] })], EXPECTED, 'all');
  expect(problems).toEqual(['core: false accept that is not expected: new (names).']);
});

test('a known deviation of another suite: a problem', () => {
  expect(
    findProblems([score(), score({ suite: 'other', deviations: [deviation('known')] })], EXPECTED, 'all'),
  ).toHaveLength(1);
});

test('a deviation that upstream only warns of: no problem', () => {
  expect(findProblems([score({ deviations: [deviation('new', { isSoft: true })] })], EXPECTED, 'all')).toEqual([]);
});

test('fewer cases, or a suite that did not run: a problem, unless the cases were picked', () => {
  expect(findProblems([score({ run: 1 })], EXPECTED, 'all')).toEqual(['core: 1 cases ran, 2 are expected.']);
  expect(findProblems([score({ suite: 'other' })], EXPECTED, 'all')).toEqual(['core: did not run; the data lacks it.']);
  expect(findProblems([score({ run: 1 })], EXPECTED, 'picked')).toEqual([]);
});

test('nothing ran: a problem, also of picked cases', () => {
  expect(findProblems([], EXPECTED, 'picked')).toEqual(['No case ran.']);
});

test('a case over the time limit: a problem', () => {
  expect(findProblems([score({ slowest: { id: 'a', ms: SLOWEST_MS } })], EXPECTED, 'all')).toEqual([]);
  expect(findProblems([score({ slowest: { id: 'a', ms: SLOWEST_MS + 1 } })], EXPECTED, 'all')).toHaveLength(1);
});

test('a known deviation that is gone: to be taken out of the expectation', () => {
  expect(findGains([score()], EXPECTED, 'all')).toHaveLength(1);
  expect(findGains([score({ deviations: [deviation('known')] })], EXPECTED, 'all')).toEqual([]);
});

test('the committed expectation has a reason for each deviation', () => {
  const reasons = Object.values(readExpectations()).flatMap(({ deviations }) => Object.values(deviations));
  expect(reasons.filter((reason) => reason.trim() === '')).toEqual([]);
});

// The committed expectation: how many cases there are, which deviations are known and why, and what is worse than that.

import { fileURLToPath } from 'node:url';
import { asNumber, asObject, asText, readJsonFile } from './json.ts';
import type { Deviation, Score } from './score.ts';

/** What is expected of a suite. */
export interface Expectation {
  /** At least so many cases. */
  readonly run: number;
  /** Case id -> why it is not chased. */
  readonly deviations: Readonly<Record<string, string>>;
}

/** By the suite's name. */
export type Expectations = Readonly<Record<string, Expectation>>;

/** Longest that one case may take. */
export const SLOWEST_MS = 1000;

/** Whether all suites were asked, or only what a pattern picked: then nothing can be missing. */
export type Extent = 'all' | 'picked';

/** @throws Error when expected.json is malformed */
export function readExpectations(): Expectations {
  const file = asObject(readJsonFile(fileURLToPath(new URL('expected.json', import.meta.url))));
  return mapValues(file, (value) => {
    const { run, deviations } = asObject(value);
    return { run: asNumber(run), deviations: mapValues(asObject(deviations), asText) };
  });
}

/** Everything that is worse than expected, a sentence each; none: as good or better. */
export function findProblems(scores: readonly Score[], expected: Expectations, extent: Extent): string[] {
  const problems = scores.flatMap((score) => problemsOf(score, expected[score.suite], extent));
  if (scores.length === 0) problems.push('No case ran.');
  if (extent === 'picked') return problems;
  const missing = Object.keys(expected).filter((name) => !scores.some(({ suite }) => suite === name));
  return [...problems, ...missing.map((name) => `${name}: did not run; the data lacks it.`)];
}

/** The known reason of a deviation. */
export function reasonOf(suite: string, { id, isSoft }: Deviation, expected: Expectations): string | undefined {
  return expected[suite]?.deviations[id] ?? (isSoft ? 'only a warning: upstream is not sure' : undefined);
}

/** Deviations that are expected, could have occurred in these scores, and did not; a sentence each. */
export function findGains(scores: readonly Score[], expected: Expectations, extent: Extent): string[] {
  if (extent === 'picked') return [];
  return scores.flatMap(({ suite, deviations }) => {
    const known = Object.keys(expected[suite]?.deviations ?? {});
    const gone = known.filter((known) => !deviations.some(({ id }) => id === known));
    return gone.map((id) => `${suite}: ${id} deviates no more; take it out of expected.json.`);
  });
}

function problemsOf(score: Score, expectation: Expectation | undefined, extent: Extent): string[] {
  const { suite, run, deviations, slowest } = score;
  const known = expectation?.deviations ?? {};
  const unexpected = deviations.filter(({ id, isSoft }) => !isSoft && known[id] === undefined);
  const problems = unexpected.map(
    ({ kind, id, concern }) => `${suite}: ${kind} that is not expected: ${id} (${concern}).`,
  );
  const least = extent === 'all' ? (expectation?.run ?? 0) : 0;
  if (run < least) problems.push(`${suite}: ${run} cases ran, ${least} are expected.`);
  if (slowest.ms > SLOWEST_MS) {
    problems.push(`${suite}: ${slowest.id} took ${Math.round(slowest.ms)} ms, ${SLOWEST_MS} are allowed.`);
  }
  return problems;
}

function mapValues<T>(record: Readonly<Record<string, unknown>>, parse: (value: unknown) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, parse(value)]));
}

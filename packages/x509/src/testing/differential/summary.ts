// What a run found: how often both agree, which differences are explained, and which are not.

import { classify, type DifferenceClass, isDifferent } from './difference.ts';
import type { Observation } from './verdict.ts';

/** Differences of one class. */
export interface ClassCount {
  readonly found: DifferenceClass;
  readonly count: number;
  /** Id, mutations and profile of one of them. */
  readonly example: Observation;
}

/** A whole run. */
export interface Summary {
  readonly chains: number;
  readonly comparisons: number;
  readonly bothAccept: number;
  readonly bothRefuse: number;
  readonly classes: readonly ClassCount[];
  readonly unexplained: readonly Observation[];
  /** How often our code met openssl's number where both refuse, the most frequent first. */
  readonly reasons: readonly (readonly [string, number])[];
  /** Sound chains that one of them refuses. */
  readonly soundRefused: readonly Observation[];
}

/** Least share of all comparisons in which both accept, and both refuse: below, the generator is broken. */
const LEAST_SHARE = 0.1;

/** Counts all observations. */
export function summarize(observations: readonly Observation[], classes: readonly DifferenceClass[]): Summary {
  const different = observations.filter(isDifferent);
  const explained = new Map<DifferenceClass, Observation[]>();
  const unexplained: Observation[] = [];
  for (const observation of different) {
    const found = classify(observation, classes);
    if (!found) unexplained.push(observation);
    else explained.set(found, [...(explained.get(found) ?? []), observation]);
  }
  const accepted = observations.filter(({ ours, openssl }) => ours === 'accepted' && openssl === 'accepted');
  const refused = observations.filter(({ ours, openssl }) => ours !== 'accepted' && openssl !== 'accepted');
  const counts = [...explained].flatMap(([found, [example, ...others]]) =>
    example ? [{ found, count: 1 + others.length, example }] : [],
  );
  return {
    chains: new Set(observations.map(({ id }) => id)).size,
    comparisons: observations.length,
    bothAccept: accepted.length,
    bothRefuse: refused.length,
    classes: counts.sort((a, b) => b.count - a.count),
    unexplained,
    reasons: countReasons(refused),
    soundRefused: observations.filter((one) => one.mutations.length === 0 && !accepted.includes(one)),
  };
}

/** Every reason why the run failed, in sentences; `few` chains need not agree often. */
export function findProblems(summary: Summary, extent: 'many' | 'few'): readonly string[] {
  const { comparisons, bothAccept, bothRefuse, unexplained, soundRefused } = summary;
  const problems: string[] = [];
  const least = extent === 'many' ? Math.ceil(comparisons * LEAST_SHARE) : 0;
  if (comparisons === 0) problems.push('Nothing was compared.');
  if (unexplained.length > 0) problems.push(`${unexplained.length} differences that no class explains.`);
  if (soundRefused.length > 0) problems.push(`${soundRefused.length} sound chains were refused.`);
  if (bothAccept < least) problems.push(`Both accept in ${bothAccept} comparisons only, ${least} are the least.`);
  if (bothRefuse < least) problems.push(`Both refuse in ${bothRefuse} comparisons only, ${least} are the least.`);
  return problems;
}

function countReasons(refused: readonly Observation[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { ours, openssl } of refused) {
    const [first] = openssl === 'accepted' ? [] : openssl;
    const reason = `${ours} / ${first?.number} ${first?.text}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

// Verdicts beside what was wanted.

import type { Case, Outcome, Suite } from './case.ts';
import type { Concern } from './concern.ts';

/** `no-answer`: the time limit came first. `not-run`: it cannot be asked this way. */
export type Verdict = Outcome | 'no-answer' | 'not-run';

/** What a verifier said, and how long that took. */
export interface Result {
  readonly verdict: Verdict;
  readonly ms: number;
  /** Why it was not run. */
  readonly why?: string;
}

/** A case with another verdict than the wanted one. */
export interface Deviation {
  readonly id: string;
  readonly kind: 'false accept' | 'false reject' | 'no answer';
  readonly concern: Concern;
  readonly isSoft: boolean;
}

/** A suite's score by one verifier. */
export interface Score {
  readonly suite: string;
  /** Without those that were not run. */
  readonly run: number;
  readonly ok: number;
  readonly deviations: readonly Deviation[];
  /** Reason -> how many cases. */
  readonly notRun: Readonly<Record<string, number>>;
  readonly slowest: { readonly id: string; readonly ms: number };
  /** From start to end; of cases that ran in parallel not the sum. */
  readonly ms: number;
  /** Valid signatures that are refused because of their algorithm; they count as ok. */
  readonly offList: number;
}

/** The score of results that are in the order of the suite's cases; without `ms` they ran one after the other. */
export function scoreOf(suite: Suite, results: readonly Result[], ms?: number): Score {
  if (results.length !== suite.cases.length) throw new Error(`${suite.name}: not every case has a result.`);
  const pairs = suite.cases.flatMap((one, i) => pairOf(one, results[i]));
  const ran = pairs.filter(({ verdict }) => verdict !== 'not-run');
  const deviations = ran.flatMap(({ one, verdict }) => deviationOf(one, verdict));
  const notRun: Record<string, number> = {};
  for (const { verdict, why = '' } of pairs) if (verdict === 'not-run') notRun[why] = (notRun[why] ?? 0) + 1;
  const slowest = ran.reduce((most, { one, ms }) => (ms > most.ms ? { id: one.id, ms } : most), { id: '', ms: 0 });
  return {
    suite: suite.name,
    run: ran.length,
    ok: ran.length - deviations.length,
    deviations,
    notRun,
    slowest,
    ms: ms ?? results.reduce((sum, result) => sum + result.ms, 0),
    offList: suite.kind === 'paths' ? 0 : suite.cases.filter(({ isOffList }) => isOffList).length,
  };
}

/** The score of several suites together. */
export function sumOf(name: string, scores: readonly Score[]): Score {
  const total = (figure: (score: Score) => number): number => scores.reduce((sum, score) => sum + figure(score), 0);
  const notRun: Record<string, number> = {};
  for (const [why, count] of scores.flatMap((score) => Object.entries(score.notRun))) {
    notRun[why] = (notRun[why] ?? 0) + count;
  }
  return {
    suite: name,
    run: total(({ run }) => run),
    ok: total(({ ok }) => ok),
    deviations: scores.flatMap(({ deviations }) => deviations),
    notRun,
    slowest: scores.reduce((most, { slowest }) => (slowest.ms > most.ms ? slowest : most), { id: '', ms: 0 }),
    ms: total(({ ms }) => ms),
    offList: total(({ offList }) => offList),
  };
}

/** How many of them are of this kind. */
export function countOf({ deviations }: Pick<Score, 'deviations'>, kind: Deviation['kind']): number {
  return deviations.filter((deviation) => deviation.kind === kind).length;
}

/** Wrong acceptances that somebody on the network can use. */
export function securityRelevant({ deviations }: Pick<Score, 'deviations'>): Deviation[] {
  return deviations.filter(({ kind, concern }) => kind === 'false accept' && concern !== 'form');
}

function pairOf(one: Case, result: Result | undefined): (Result & { readonly one: Case })[] {
  return result === undefined ? [] : [{ ...result, one }];
}

function deviationOf({ id, wanted, concern, isSoft }: Case, verdict: Verdict): Deviation[] {
  if (verdict === wanted) return [];
  if (verdict === 'no-answer') return [{ id, kind: 'no answer', concern, isSoft }];
  return [{ id, kind: verdict === 'accepted' ? 'false accept' : 'false reject', concern, isSoft }];
}

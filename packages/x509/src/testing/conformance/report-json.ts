// A run for programs.

import { type Expectations, reasonOf } from './expectation.ts';
import { ratioTo } from './report-peers.ts';
import type { Findings } from './run.ts';
import { countOf, type Score, securityRelevant } from './score.ts';

/** Everything that was found, with every deviation of everybody; times in milliseconds. */
export function reportJson(
  { scores, compared, absent }: Findings,
  expected: Expectations,
  problems: readonly string[],
) {
  const [, ...peers] = compared;
  return {
    node: process.version,
    profile: 'strict',
    asExpected: problems.length === 0,
    problems,
    windlass: scores.map((score) => ({ ...figures(score, expected), validButOffOurList: score.offList })),
    peers: peers.map(({ name, version, scores }) => ({ name, version, suites: scores.map((score) => figures(score)) })),
    absentPeers: absent.map(({ name, reason }) => ({ name, reason })),
    opensslTimeOverOurs: ratioTo('openssl verify', compared) ?? null,
  };
}

function figures(score: Score, expected?: Expectations) {
  const { suite, run, ok, notRun, slowest, ms } = score;
  return {
    suite,
    run,
    ok,
    falseAccepts: countOf(score, 'false accept'),
    securityRelevantFalseAccepts: securityRelevant(score).length,
    falseRejects: countOf(score, 'false reject'),
    noAnswer: countOf(score, 'no answer'),
    notRun,
    slowest,
    totalMs: ms,
    deviations: score.deviations.map((deviation) => ({
      ...deviation,
      ...(expected === undefined ? {} : { reason: reasonOf(suite, deviation, expected) ?? null }),
    })),
  };
}

// The peers' part of the report: the same chains judged by others.

import type { Concern } from './concern.ts';
import type { VerifierScores } from './peers/peer.ts';
import type { Findings } from './run.ts';
import { countOf, type Score, securityRelevant, sumOf } from './score.ts';
import { duration, slowestCase, table } from './table.ts';

const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['x509-limbo', /^limbo-/],
  ['BetterTLS', /^bettertls-/],
];

const NOTES = [
  'openssl verify: -x509_strict, any root given is an anchor, keys need 112 bits, no store of the system',
  'pkijs: node:crypto matches the names, as it matches none; 5 s for a case',
];

/** Sections: all scores, what the attacker gets past, what was not run, and the time beside openssl's. */
export function compare(findings: Findings): string[][] {
  return [scores(findings.compared), concerns(findings.compared), notRun(findings), times(findings.compared)];
}

/** How many times as long as ours a peer took for the cases; absent without that peer. */
export function ratioTo(name: string, compared: readonly VerifierScores[]): number | undefined {
  const [ours] = compared;
  const peer = compared.find((one) => one.name === name);
  return ours === undefined || peer === undefined ? undefined : totalOf(peer).ms / totalOf(ours).ms;
}

/** All suites of a verifier together. */
function totalOf({ name, scores }: VerifierScores): Score {
  return sumOf(name, scores);
}

function scores(compared: readonly VerifierScores[]): string[] {
  const head = ['ok / run', 'false accepts', 'security*', 'false rejects', 'no answer', 'not run', 'total'];
  const rows = GROUPS.flatMap(([group, suites]) =>
    compared.map(({ name, version, scores }) => {
      const score = sumOf(
        group,
        scores.filter(({ suite }) => suites.test(suite)),
      );
      return [`${group}: ${name} ${version}`.trim(), ...figures(score), duration(score.ms), slowestCase(score)];
    }),
  );
  const shown = rows.filter((row) => !(row[1] === '0 / 0' && row[6] === '0'));
  return [...table([['The same chains, judged by others', ...head, 'slowest case'], ...shown]), ...NOTES];
}

function figures(score: Score): string[] {
  return [
    `${score.ok} / ${score.run}`,
    String(countOf(score, 'false accept')),
    String(securityRelevant(score).length),
    String(countOf(score, 'false reject')),
    String(countOf(score, 'no answer')),
    String(Object.values(score.notRun).reduce((sum, count) => sum + count, 0)),
  ];
}

function concerns(compared: readonly VerifierScores[]): string[] {
  const relevant = compared.map((verifier) => securityRelevant(totalOf(verifier)).map(({ concern }) => concern));
  const all = [...new Set<Concern>(relevant.flat())].sort();
  if (all.length === 0) return [];
  const head = [
    'Security-relevant false accepts, by what the attacker gets past',
    ...compared.map(({ name }) => name),
    '',
  ];
  const rows = all.map((concern) => [
    `  ${concern}`,
    ...relevant.map((concerns) => String(concerns.filter((one) => one === concern).length)),
    '',
  ]);
  return table([head, ...rows]);
}

function notRun({ compared, absent }: Findings): string[] {
  const reasons = compared.flatMap((verifier) =>
    Object.entries(totalOf(verifier).notRun).map(([why, count]) => [`  ${verifier.name}`, String(count), why]),
  );
  const rows = [...reasons, ...absent.map(({ name, reason }) => [`  ${name}`, 'all', reason])];
  return rows.length === 0 ? [] : ['Not run', ...table(rows)];
}

function times(compared: readonly VerifierScores[]): string[] {
  const ratio = ratioTo('openssl verify', compared);
  if (ratio === undefined) return [];
  const [ours, peer] = compared.map(totalOf);
  if (ours === undefined || peer === undefined) return [];
  const verdict = ratio >= 1 ? `${ratio.toFixed(1)} times as fast` : `SLOWER, ${ratio.toFixed(2)} times as fast`;
  return [
    `Windlass judges these ${ours.run} chains in ${duration(ours.ms)}, in one process; openssl in ${duration(peer.ms)}, ` +
      `a process each, two at a time: Windlass is ${verdict}.`,
  ];
}

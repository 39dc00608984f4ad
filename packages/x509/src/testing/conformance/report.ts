// A run for people: our scores and deviations, what is reported apart, and the peers beside it.

import { type Expectations, reasonOf } from './expectation.ts';
import { UNSUPPORTED_SUITE } from './limbo.ts';
import { compare } from './report-peers.ts';
import type { Findings } from './run.ts';
import { countOf, type Score, securityRelevant } from './score.ts';
import { duration, slowestCase, table } from './table.ts';

/** The lines of the whole report. */
export function report(findings: Findings, expected: Expectations): string[] {
  const sections = [ourScores(findings.scores), deviations(findings.scores, expected), apart(findings)];
  if (findings.compared.length > 1 || findings.absent.length > 0) sections.push(...compare(findings));
  return sections.filter(({ length }) => length > 0).flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

/** Our scores as a table; the test prints only this and the deviations. */
export function ourScores(scores: readonly Score[]): string[] {
  const head = ['Windlass, strict profile', 'ok / run', 'false accepts', 'security*', 'false rejects', 'total'];
  const rows = scores
    .filter(({ suite }) => suite !== UNSUPPORTED_SUITE)
    .map((score) => [
      score.suite,
      `${score.ok} / ${score.run}`,
      String(countOf(score, 'false accept')),
      String(securityRelevant(score).length),
      String(countOf(score, 'false reject')),
      duration(score.ms),
      slowestCase(score),
    ]);
  const offList = scores.reduce((sum, score) => sum + score.offList, 0);
  const notes = [
    '* an attacker gets past path length, name constraints, purposes, names, ...; the others break rules of form',
  ];
  if (offList > 0) notes.push(`${offList} valid signatures are refused by policy (their algorithm), and count as ok`);
  return [...table([[...head, 'slowest case'], ...rows]), ...notes];
}

/** Each deviation with its reason, by suite and kind. */
export function deviations(scores: readonly Score[], expected: Expectations): string[] {
  const groups = new Map<string, string[][]>();
  for (const { suite, deviations } of scores) {
    for (const deviation of deviations) {
      const title = `${suite}: ${deviation.kind}, ${deviation.concern}`;
      const reason = reasonOf(suite, deviation, expected) ?? 'NOT EXPECTED';
      groups.set(title, [...(groups.get(title) ?? []), [`  ${deviation.id}`, reason]]);
    }
  }
  if (groups.size === 0) return ['Deviations: none'];
  return [...groups].flatMap(([title, rows]) => [title, ...table(rows)]);
}

function apart({ suites, scores }: Findings): string[] {
  const suite = suites.find(({ name }) => name === UNSUPPORTED_SUITE);
  const score = scores.find((one) => one.suite === UNSUPPORTED_SUITE);
  if (suite?.kind !== 'paths' || score === undefined) return [];
  const rows = suite.cases.map(({ id, unsupported = '' }) => {
    const deviation = score.deviations.find((one) => one.id === id);
    return [`  ${id}`, `${deviation?.kind ?? 'as wanted'} (${unsupported})`];
  });
  return [`Apart, about features that Windlass does not have: ${score.ok} of ${score.run} as wanted`, ...table(rows)];
}

// A run as text for people, and as data.

import { table } from '../conformance/table.ts';
import { classify, type DifferenceClass, isDifferent } from './difference.ts';
import type { ClassCount, Summary } from './summary.ts';
import type { Observation } from './verdict.ts';

/** What was run. */
export interface About {
  readonly seed: string;
  readonly openssl: string;
}

/** Lines of reasons that are shown of those where both refuse. */
const MOST_REASONS = 12;
/** Differences that are shown of those that nothing explains. */
const MOST_UNEXPLAINED = 40;

/** The whole report, line by line. */
export function report(summary: Summary, { seed, openssl }: About): readonly string[] {
  const { chains, comparisons, bothAccept, bothRefuse, classes, unexplained, reasons } = summary;
  const explained = classes.reduce((sum, { count }) => sum + count, 0);
  return [
    `openssl ${openssl}, seed ${seed}: ${chains} chains, each in two profiles: ${comparisons} comparisons`,
    `agree: both accept ${bothAccept}, both refuse ${bothRefuse}`,
    `differ: ${explained} explained by ${classes.length} classes, ${unexplained.length} unexplained`,
    '',
    ...classes.flatMap(classLines),
    '',
    'where both refuse, our code and the first error of openssl, most frequent first:',
    ...table(reasons.slice(0, MOST_REASONS).map(([reason, count]) => ['', String(count), reason])),
    ...(unexplained.length > 0 ? ['', 'unexplained:'] : []),
    ...unexplained.slice(0, MOST_UNEXPLAINED).map((one) => `  ${describe(one)}`),
  ];
}

/** The same as data, with every difference. */
export function reportJson(
  observations: readonly Observation[],
  summary: Summary,
  { about, classes, problems }: { about: About; classes: readonly DifferenceClass[]; problems: readonly string[] },
): unknown {
  const { chains, comparisons, bothAccept, bothRefuse, reasons } = summary;
  return {
    ...about,
    ...{ chains, comparisons, bothAccept, bothRefuse, problems },
    classes: summary.classes.map(({ found: { name, sentence }, count, example }) => ({
      name,
      sentence,
      count,
      example,
    })),
    reasons: Object.fromEntries(reasons),
    differences: observations
      .filter(isDifferent)
      .map((one) => ({ ...one, class: classify(one, classes)?.name ?? 'unexplained' })),
  };
}

/** One observation on a line. */
export function describe({ id, mutations, profile, ours, openssl }: Observation): string {
  const errors = openssl === 'accepted' ? openssl : openssl.map(({ number, text }) => `${number} ${text}`).join('; ');
  return `${id} ${profile} ${mutations.join(' + ')}: ours ${ours}, openssl ${errors}`;
}

function classLines({ found: { name, sentence }, count, example }: ClassCount): readonly string[] {
  return [`${String(count).padStart(5)}  ${name}, for instance ${example.id}`, `       ${sentence}`];
}

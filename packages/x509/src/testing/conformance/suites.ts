// All suites of a folder, or the cases of them that a pattern picks.

import type { Suite } from './case.ts';
import { loadLimbo } from './limbo.ts';
import { loadWycheproof } from './wycheproof.ts';

/** Suites with at least one case whose id, or whose suite, the pattern matches. @throws Error with a sentence */
export function loadSuites(folder: string, only?: RegExp): Suite[] {
  const suites = [...loadLimbo(folder), ...loadWycheproof(`${folder}/wycheproof`)];
  return suites.map((suite) => picked(suite, only)).filter(({ cases }) => cases.length > 0);
}

function picked(suite: Suite, only: RegExp | undefined): Suite {
  if (only === undefined || only.test(suite.name)) return suite;
  switch (suite.kind) {
    case 'paths':
      return { ...suite, cases: suite.cases.filter(({ id }) => only.test(id)) };
    case 'signatures':
      return { ...suite, cases: suite.cases.filter(({ id }) => only.test(id)) };
  }
}

// Scores on test data that nobody on the project wrote: x509-limbo, BetterTLS, Wycheproof; the same code as `npm run conformance`.
// The data is not part of the project; where it is absent the test is skipped with a sentence, and fails in CI.

import { expect, test } from 'vitest';
import { findData } from './testing/conformance/data.ts';
import { findProblems, readExpectations } from './testing/conformance/expectation.ts';
import { deviations, ourScores } from './testing/conformance/report.ts';
import { loadSuites } from './testing/conformance/suites.ts';
import { runWindlass } from './testing/conformance/windlass.ts';

test('limbo, BetterTLS and Wycheproof: no worse than expected', ({ skip }) => {
  const data = findData();
  if (data.kind === 'missing') {
    expect(process.env['CI'], data.sentence).not.toBe('true');
    print([`NOT RUN: ${data.sentence}`]);
    return skip(data.sentence);
  }
  const expected = readExpectations();
  const scores = runWindlass(loadSuites(data.folder));
  print([...ourScores(scores), ...deviations(scores, expected)]);
  expect(findProblems(scores, expected, 'all')).toEqual([]);
});

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

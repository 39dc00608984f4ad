// `npm run differential`: made-up chains, judged by Windlass and by `openssl verify`, and what they differ in.

import { opensslVersion } from '../conformance/peers/openssl.ts';
import { showProgress } from '../conformance/progress.ts';
import { CLASSES } from './classes.ts';
import { type CommandLine, help, parseCommandLine } from './command-line.ts';
import { isDifferent } from './difference.ts';
import { report, reportJson } from './report.ts';
import { dump, observe } from './run.ts';
import { findProblems, summarize } from './summary.ts';

// So that temporary files are removed on Ctrl-C, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`differential: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

async function main(argv: readonly string[]): Promise<number> {
  const given = parseCommandLine(argv);
  if (given.kind === 'run') return differential(given);
  console.log(help.trimEnd());
  return 0;
}

async function differential(given: Extract<CommandLine, { kind: 'run' }>): Promise<number> {
  const { seed, numbers, format } = given;
  const openssl = opensslVersion();
  if (openssl === undefined) throw new Error('There is no openssl on PATH: install it.');
  const observations = await observe({ seed, numbers, onChain: showProgress('differential', numbers.length) });
  const summary = summarize(observations, CLASSES);
  const about = { seed, openssl };
  // Few chains say nothing about how often both agree.
  const problems = findProblems(summary, numbers.length > 100 ? 'many' : 'few');
  if (format === 'json')
    console.log(JSON.stringify(reportJson(observations, summary, { about, classes: CLASSES, problems }), undefined, 2));
  else console.log(report(summary, about).join('\n'));
  if (given.dump !== undefined) dump(observations.filter(isDifferent), seed, given.dump);
  for (const problem of problems) console.error(`differential: ${problem}`);
  if (problems.length === 0 && format === 'table') console.log('\nNo difference is unexplained.');
  return problems.length === 0 ? 0 : 1;
}

// `npm run conformance`: how Windlass judges chains and signatures that nobody on the project made, and how others do.

import { type CommandLine, help, parseCommandLine } from './command-line.ts';
import { findData } from './data.ts';
import { findGains, findProblems, readExpectations } from './expectation.ts';
import { showProgress } from './progress.ts';
import { report } from './report.ts';
import { reportJson } from './report-json.ts';
import { run } from './run.ts';
import { loadSuites } from './suites.ts';

// So that temporary files are removed on Ctrl-C, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`conformance: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

async function main(argv: readonly string[]): Promise<number> {
  const given = parseCommandLine(argv);
  if (given.kind === 'run') return conformance(given);
  console.log(help.trimEnd());
  return 0;
}

async function conformance({ format, peers, only }: Extract<CommandLine, { kind: 'run' }>): Promise<number> {
  const data = findData();
  if (data.kind === 'missing') throw new Error(data.sentence);
  const suites = loadSuites(data.folder, only);
  if (suites.length === 0)
    throw new Error(`No case and no suite matches ${only}; ids look like "pathlen::max-chain-depth-1".`);
  const expected = readExpectations();
  const extent = only === undefined ? 'all' : 'picked';
  const findings = await run(suites, peers, showProgress);
  const problems = findProblems(findings.scores, expected, extent);
  if (format === 'json') console.log(JSON.stringify(reportJson(findings, expected, problems), undefined, 2));
  else console.log(report(findings, expected).join('\n'));
  for (const gain of findGains(findings.scores, expected, extent))
    console.error(`conformance: better than expected: ${gain}`);
  for (const problem of problems) console.error(`conformance: worse than expected: ${problem}`);
  if (problems.length === 0 && format === 'table') console.log('\nAs expected.');
  return problems.length === 0 ? 0 : 1;
}

// `npm run fuzz`: everything that reads bytes of others against mutated ones, a million of them, by hand.

import { type CommandLine, help, parseCommandLine } from './command-line.ts';
import { DECODERS } from './decoders.ts';
import { findProblems, report, reportJson } from './report.ts';
import { residentDuring } from './resident.ts';
import { runTasks } from './threads.ts';

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`fuzz: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

async function main(argv: readonly string[]): Promise<number> {
  const given = parseCommandLine(argv, Date.now());
  if (given.kind === 'run') return fuzzAll(given);
  console.log(help.trimEnd());
  return 0;
}

async function fuzzAll({
  inputs,
  signedInputs,
  decoder,
  seed,
  format,
}: Extract<CommandLine, { kind: 'run' }>): Promise<number> {
  const tasks = DECODERS.filter(({ name }) => name.includes(decoder)).map(({ name, cost }) => {
    return { decoder: name, inputs: cost === 'signs' ? signedInputs : inputs, seed };
  });
  const [results, resident] = await residentDuring(() =>
    runTasks(tasks, (name, done) => process.stderr.write(`fuzz: ${name}: ${done} inputs\n`)),
  );
  const problems = findProblems(results, resident);
  if (format === 'json') console.log(JSON.stringify(reportJson(seed, results, resident), undefined, 2));
  else console.log([...report(results, resident), `seed ${seed}`].join('\n'));
  for (const problem of problems) console.error(`fuzz: ${problem}`);
  if (problems.length === 0 && format === 'table') console.log('\nNothing found.');
  return problems.length === 0 ? 0 : 1;
}

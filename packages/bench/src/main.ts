/** `npm run bench`: figures beside limits and peers. Never a test: nothing here fails because a machine is slow, except hard limits on sizes. */
import { measureAgent } from './benchmarks/agent.ts';
import { measureIdle } from './benchmarks/idle.ts';
import { measureServiceCpu } from './benchmarks/service-cpu.ts';
import { measureSizes } from './benchmarks/sizes.ts';
import { measureX509 } from './benchmarks/x509.ts';
import { type BenchmarkName, help, parseCommandLine } from './command-line.ts';
import { type Figure, headLine, lineOf, verdictOf } from './figure.ts';
import { type Benchmark, runBenchmark } from './run-benchmark.ts';

/** Those that run when none is named are together below four minutes on two cores, whatever happens. */
const benchmarks: Readonly<Record<BenchmarkName, { readonly run: Benchmark; readonly deadlineSeconds: number }>> = {
  sizes: { run: measureSizes, deadlineSeconds: 50 },
  agent: { run: measureAgent, deadlineSeconds: 60 },
  'service-cpu': { run: measureServiceCpu, deadlineSeconds: 100 },
  x509: { run: measureX509, deadlineSeconds: 20 },
  idle: { run: measureIdle, deadlineSeconds: 260 },
};

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`bench: ${sentence(error)}`);
  return 1;
});
// What a benchmark that was given up still waits for must not keep anybody waiting.
setTimeout(() => process.exit(), 2_000).unref();

async function main(argv: readonly string[]): Promise<number> {
  const given = parseCommandLine(argv);
  if (given.kind === 'help') {
    console.log(help);
    return 0;
  }
  const figures: { readonly benchmark: BenchmarkName; readonly figure: Figure }[] = [];
  if (!given.json) console.log(headLine());
  const interrupted = onInterrupt();
  let failed = false;
  for (const benchmark of given.names) {
    const report = (figure: Figure): void => {
      figures.push({ benchmark, figure });
      if (!given.json) console.log(lineOf({ ...figure, name: `${benchmark}: ${figure.name}` }));
    };
    failed = !(await attempt(benchmark, report, interrupted)) || failed;
    if (interrupted.aborted) break;
  }
  if (given.json) console.log(JSON.stringify({ figures: figures.map(forPrograms) }, undefined, 2));
  const over = figures.filter(({ figure }) => verdictOf(figure) === 'OVER');
  for (const { benchmark, figure } of over) console.error(`bench: over its limit: ${benchmark}: ${figure.name}`);
  return failed || over.length > 0 ? 1 : 0;
}

/** True when the benchmark ran to its end. */
async function attempt(
  name: BenchmarkName,
  report: (figure: Figure) => void,
  interrupted: AbortSignal,
): Promise<boolean> {
  const { run, deadlineSeconds } = benchmarks[name];
  const say = (text: string): void => void process.stderr.write(`bench: ${name}: ${text} ...\n`);
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new Error(`did not end within ${deadlineSeconds} s`)),
    deadlineSeconds * 1000,
  );
  try {
    await runBenchmark(run, { name, report, say, signal: AbortSignal.any([deadline.signal, interrupted]) });
    return true;
  } catch (error) {
    console.error(`bench: ${name}: ${sentence(error)}`);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return controller.signal;
}

function forPrograms({ benchmark, figure }: { readonly benchmark: BenchmarkName; readonly figure: Figure }) {
  return { benchmark, ...figure, verdict: verdictOf(figure) };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Benchmark, runBenchmark } from './run-benchmark.ts';

const run = (benchmark: Benchmark, signal = new AbortController().signal) =>
  runBenchmark(benchmark, { name: 'test', report: () => undefined, say: () => undefined, signal });

test('what was made is undone in reverse order, and the directory is gone', async () => {
  const undone: string[] = [];
  let directory = '';
  await run(async (bench) => {
    directory = bench.directory;
    expect(existsSync(directory)).toBe(true);
    bench.atEnd(async () => void undone.push('first'));
    bench.atEnd(async () => void undone.push('second'));
  });
  expect(undone).toEqual(['second', 'first']);
  expect(existsSync(directory)).toBe(false);
});

test('a benchmark that throws is undone too, also when one undoing fails, and its error is handed on', async () => {
  const undone: string[] = [];
  const failing = run(async ({ atEnd }) => {
    atEnd(async () => void undone.push('first'));
    atEnd(() => Promise.reject(new Error('already gone')));
    throw new Error('no figure');
  });
  await expect(failing).rejects.toThrow('no figure');
  expect(undone).toEqual(['first']);
});

test('a benchmark that does not end is given up by the signal; what it starts afterwards is undone at once', async () => {
  const giveUp = new AbortController();
  const undone: string[] = [];
  let startLater: () => void = () => undefined;
  const running = run(async ({ atEnd }) => {
    startLater = () => atEnd(async () => void undone.push('late'));
    giveUp.abort(new Error('took too long'));
    await new Promise(() => undefined);
  }, giveUp.signal);
  await expect(running).rejects.toThrow('took too long');
  startLater();
  expect(undone).toEqual(['late']);
});

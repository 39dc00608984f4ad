// The thread that runs one decoder: with coverage and a heap of its own, so that nothing of another decoder is in them.

import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { startCoverage } from './coverage.ts';
import { createRandom } from './random.ts';
import { openNotes, type Task, type TaskResult } from './task.ts';

/** Milliseconds for buffers to be given back. */
const GIVING_BACK_MS = 100;

parentPort?.postMessage(await runTask(workerData));

async function runTask({ decoder: wanted, inputs, seed, notes }: Task): Promise<TaskResult> {
  // Before anything that is to be covered is imported.
  const coverage = startCoverage();
  const { DECODERS } = await import('./decoders.ts');
  const { fuzz } = await import('./run.ts');
  const decoder = DECODERS.find(({ name }) => name === wanted);
  if (!decoder) throw new Error(`There is no decoder "${wanted}".`);
  const { write } = openNotes(notes);
  // Once before, so that what is made only once does not count as growth.
  fuzz(decoder, { inputs: 500, random: createRandom('warm'), coverage });
  const heapBefore = await heap();
  const result = fuzz(decoder, { inputs, random: createRandom(`${seed} ${wanted}`), coverage, onInput: write });
  return { result, heapBefore, heapAfter: await heap() };
}

/** Bytes of values, and of buffers outside of the heap, that somebody holds. */
async function heap(): Promise<number> {
  const { gc } = globalThis;
  if (!gc) throw new Error('Start it with "npm run fuzz", or give node --expose-gc.');
  // Buffers are given back after the collection that found them.
  for (let i = 0; i < 3; i++) {
    gc();
    await setTimeout(GIVING_BACK_MS);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

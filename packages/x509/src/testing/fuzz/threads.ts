// Runs decoders in threads, a few at a time, and ends one whose input never comes back.

import { Worker } from 'node:worker_threads';
import { MAX_INPUT_BYTES } from './mutator.ts';
import type { DecoderResult } from './run.ts';
import { createNotes, type Notes, openNotes, type Task, type TaskResult } from './task.ts';

/** Threads at a time. */
const LANES = 2;
/** Milliseconds between two looks at a thread; at the third without a new input it is ended. */
const LOOK_MS = 10_000;
const LOOKS = 3;
/** Above this the thread ends with an error: an input may not make the heap grow without end either. */
const MAX_HEAP_MIB = 256;

/** Results of all tasks in their order. */
export async function runTasks(
  tasks: readonly Omit<Task, 'notes'>[],
  onProgress: (decoder: string, done: number) => void,
): Promise<readonly TaskResult[]> {
  const results: TaskResult[] = [];
  const queue = tasks.entries();
  const drain = async () => {
    for (const [i, task] of queue) results[i] = await runTask(task, onProgress);
  };
  await Promise.all(Array.from({ length: LANES }, drain));
  return results;
}

function runTask(task: Omit<Task, 'notes'>, onProgress: (decoder: string, done: number) => void): Promise<TaskResult> {
  const notes = createNotes(MAX_INPUT_BYTES);
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: { ...task, notes },
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
    const stopWatching = watch(openNotes(notes), {
      onLook: (done) => onProgress(task.decoder, done),
      onHang: (done, input) => {
        void worker.terminate();
        resolve({ result: hung(task.decoder, done, input), heapBefore: 0, heapAfter: 0 });
      },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', stopWatching);
  });
}

/** Looks at the notes again and again. */
function watch(
  notes: Notes,
  { onLook, onHang }: { onLook: (done: number) => void; onHang: (done: number, input: Uint8Array) => void },
): () => void {
  let before = -1;
  let unchanged = 0;
  const timer = setInterval(() => {
    const { done, input } = notes.read();
    unchanged = done === before ? unchanged + 1 : 0;
    before = done;
    onLook(done);
    if (unchanged >= LOOKS) onHang(done, input);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

function hung(name: string, inputs: number, input: Uint8Array): DecoderResult {
  const seconds = (LOOK_MS * LOOKS) / 1000;
  const finding = { message: `An input does not come back within ${seconds} s.`, input, stack: '' };
  return {
    name,
    inputs,
    seconds,
    codes: new Map(),
    slowest: seconds * 1000,
    corpus: 0,
    byCoverage: 0,
    sites: 0,
    finding,
  };
}

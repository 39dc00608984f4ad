/** One benchmark from its private directory to the last process it started: bounded in time, and nothing left behind. */
import { createTemporaryDirectory } from '@windlass/lab';
import type { Figure } from './figure.ts';

/** What a benchmark is given. */
export interface Bench {
  /** Private, empty, removed afterwards. */
  readonly directory: string;
  /** Called with each figure as soon as it is known. */
  readonly report: (figure: Figure) => void;
  /** What is going on, for whoever waits. */
  readonly say: (text: string) => void;
  /** `undo` runs at the end whatever happens, the last one first. */
  readonly atEnd: (undo: () => Promise<void>) => void;
}

export type Benchmark = (bench: Bench) => Promise<void>;

export interface RunOptions {
  readonly name: string;
  readonly report: (figure: Figure) => void;
  readonly say: (text: string) => void;
  /** The benchmark is given up when it aborts: its deadline, or somebody's Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The benchmark has ended and everything it made is undone. @throws what it threw, or the reason of the signal */
export async function runBenchmark(benchmark: Benchmark, options: RunOptions): Promise<void> {
  const { name, report, say, signal } = options;
  const directory = await createTemporaryDirectory(`bench-${name}`);
  const undoing = createUndoing();
  try {
    const running = benchmark({ directory: directory.path, report, say, atEnd: undoing.add });
    // Given up, it fails later because its processes are gone; that says nothing new.
    running.catch(() => undefined);
    await Promise.race([running, aborted(signal)]);
  } finally {
    await undoing.run();
    await directory.remove();
  }
}

interface Undoing {
  readonly add: (undo: () => Promise<void>) => void;
  readonly run: () => Promise<void>;
}

function createUndoing(): Undoing {
  const steps: (() => Promise<void>)[] = [];
  let over = false;
  return {
    // A benchmark that was given up may still start something: it is undone at once.
    add: (undo) => (over ? void undo().catch(() => undefined) : steps.push(undo)),
    run: async () => {
      over = true;
      for (let undo = steps.pop(); undo; undo = steps.pop()) await undo().catch(() => undefined);
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

// One question to a PAC file: a thread of its own, which has the engine in it, is ended after each answer and in any case when time is up.
import { MessageChannel, Worker } from 'node:worker_threads';
import type { PacFault, PacJob, PacMessage, PacThreadData } from '../../pac/job.ts';

/** From the start of the thread to its end, names included, whatever the script does: also what the engine does not interrupt. */
const LONGEST_MS = 15_000;
/** A thread that waits for no name and says nothing for so long is ended. */
const LONGEST_SILENCE_MS = 6_000;

/** Of the thread; the script's own limits are the engine's. */
const RESOURCES = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 };

/** `no-engine`: the thread's file cannot be started. */
export type PacResult =
  | { readonly kind: 'result'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: PacFault | 'no-engine' };

/** Never rejects. `engine`: `windlass-agent-pac.mjs`. */
export function evaluate(
  engine: URL,
  job: PacJob,
  resolve: (name: string) => Promise<readonly string[]>,
): Promise<PacResult> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { port1: answers, port2 } = new MessageChannel();
  const data: PacThreadData = { job, flag, answers: port2 };
  const thread = new Worker(engine, {
    workerData: data,
    transferList: [port2],
    resourceLimits: RESOURCES,
    env: {},
    stdin: false,
    stdout: true,
    stderr: true,
    execArgv: [],
  });
  return new Promise<PacResult>((done) => {
    const over = (): void => done({ kind: 'fault', fault: 'too-long' });
    const whole = setTimeout(over, LONGEST_MS);
    let silence = setTimeout(over, LONGEST_SILENCE_MS);
    const end = (result: PacResult): void => {
      for (const timer of [whole, silence]) clearTimeout(timer);
      done(result);
    };
    const answer = async (name: string): Promise<void> => {
      clearTimeout(silence);
      answers.postMessage(await resolve(name));
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
      silence = setTimeout(over, LONGEST_SILENCE_MS);
    };
    thread.on('message', (message: PacMessage) => {
      if (message.kind === 'name') void answer(message.name);
      else end(message);
    });
    // What it was started with is not there, or a limit of the thread was reached.
    thread.on('error', (error: Error & { code?: string }) =>
      end({ kind: 'fault', fault: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'too-much-memory' : 'no-engine' }),
    );
    thread.on('exit', () => end({ kind: 'fault', fault: 'no-engine' }));
  }).finally(() => {
    answers.close();
    return thread.terminate();
  });
}

// The file `windlass-agent-pac.mjs`: what a thread runs that asks one PAC file one question. The engine is in it, and nobody but such a
// thread loads it. @see decisions/0021
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { PacMessage, PacThreadData } from './job.ts';
import { pacFunctions } from './pac-functions.ts';
import { runScript } from './sandbox.ts';

/** How long a name is waited for, in milliseconds; whoever resolves it gives up before. */
const NAME_MS = 4_000;
/** More names than these are unknown. */
const MAX_NAMES = 8;

const { job, flag, answers } = workerData as PacThreadData;
const known = new Map<string, readonly string[]>();
const say = (message: PacMessage): void => parentPort?.postMessage(message);

/** The thread stands still meanwhile. */
function resolve(name: string): readonly string[] {
  const found = known.get(name);
  if (found || known.size >= MAX_NAMES) return found ?? [];
  Atomics.store(flag, 0, 0);
  say({ kind: 'name', name });
  Atomics.wait(flag, 0, 0, NAME_MS);
  const addresses = (receiveMessageOnPort(answers)?.message ?? []) as readonly string[];
  known.set(name, addresses);
  return addresses;
}

const { now, addresses } = job;
say(await runScript(job, pacFunctions({ now: new Date(now * 1000), addresses, resolve })));

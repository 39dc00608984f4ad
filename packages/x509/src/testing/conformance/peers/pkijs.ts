// pkijs, the chain validation that most npm packages build on: its CertificateChainValidationEngine. It matches no names, so
// node:crypto does that for it.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { PathCase } from '../case.ts';
import { asObject, asText, readJsonFile } from '../json.ts';
import type { Verdict } from '../score.ts';
import { hasNames } from './node-names.ts';
import { type Peer, reasonOfDepth, type Session } from './peer.ts';
import type { Question } from './pkijs-worker.ts';

/** Threads at a time. */
const LANES = 2;
/** Longest that a case may take; then its thread is ended and the next case gets a new one. */
const DEADLINE_MS = 5_000;
const MOST_MEMORY = { maxOldGenerationSizeMb: 1024 };

/** The peer, as installed. */
export function findPkijs(): Peer {
  const version = versionOf('pkijs');
  return { kind: 'peer', name: 'pkijs', version, lanes: LANES, reasonNotToRun: reasonOfDepth, prepare };
}

async function prepare(): Promise<Session> {
  const workers = await Promise.all(Array.from({ length: LANES }, startWorker));
  return {
    ask: async (one, lane) => {
      const worker = workers[lane] ?? (await startWorker());
      const answer = await answerOf(worker, questionOf(one));
      if (answer === 'no-answer') {
        await worker.terminate();
        workers[lane] = await startWorker();
      }
      return answer === 'accepted' ? outcomeOfNames(one) : answer;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** A thread that is ready: loading pkijs is no part of a case's time. */
async function startWorker(): Promise<Worker> {
  const worker = new Worker(new URL('pkijs-worker.ts', import.meta.url), { resourceLimits: MOST_MEMORY });
  await once(worker, 'message');
  return worker;
}

/** Also a thread that dies, of too much memory, has no answer. */
async function answerOf(worker: Worker, question: Question): Promise<Verdict> {
  worker.postMessage(question);
  try {
    const [isBelieved]: unknown[] = await once(worker, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) });
    return isBelieved === true ? 'accepted' : 'refused';
  } catch {
    return 'no-answer';
  }
}

function questionOf({ roots, intermediates, leaf, crls, time }: PathCase): Question {
  return { roots, certificates: [...intermediates, leaf], crls, time: time === undefined ? Date.now() : time * 1000 };
}

function outcomeOfNames(one: PathCase): Verdict {
  try {
    return hasNames(new X509Certificate(one.leaf), one) ? 'accepted' : 'refused';
  } catch {
    return 'refused';
  }
}

/** The version in the package.json of the package that is imported. */
function versionOf(name: string): string {
  const [folder = ''] = createRequire(import.meta.url)
    .resolve(name)
    .split(/(?<=node_modules\/[^/]+\/)/);
  return asText(asObject(readJsonFile(`${folder}package.json`))['version']);
}

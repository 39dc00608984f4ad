// Others that judge the same chains, and how they are asked.

import type { PathCase, PathSuite } from '../case.ts';
import { type Result, type Score, scoreOf, type Verdict } from '../score.ts';

/** Somebody who can be asked about chains. */
export interface Peer {
  readonly kind: 'peer';
  readonly name: string;
  readonly version: string;
  /** How many cases are asked at a time. */
  readonly lanes: number;
  /** Why the case cannot be asked this way; completes "not run: ...". */
  readonly reasonNotToRun: (one: PathCase) => string | undefined;
  /** What can be done before, and is no part of any time. */
  readonly prepare: (cases: readonly PathCase[]) => Promise<Session>;
}

/** A peer that is ready for the cases it was prepared for. */
export interface Session {
  readonly ask: (one: PathCase, lane: number) => Promise<Verdict>;
  readonly close: () => Promise<void>;
}

/** A peer that is not on this machine. */
export interface AbsentPeer {
  readonly kind: 'absent';
  readonly name: string;
  readonly reason: string;
}

/** A verifier's scores in the order of the suites. */
export interface VerifierScores {
  readonly name: string;
  readonly version: string;
  readonly scores: readonly Score[];
}

/** Asks the peer about all suites, one after the other; the time of a suite is that on the clock. */
export async function runPeer(peer: Peer, suites: readonly PathSuite[], onCase: () => void): Promise<VerifierScores> {
  const scores: Score[] = [];
  for (const suite of suites) scores.push(await runSuite(peer, suite, onCase));
  return { name: peer.name, version: peer.version, scores };
}

async function runSuite(peer: Peer, suite: PathSuite, onCase: () => void): Promise<Score> {
  const session = await peer.prepare(suite.cases);
  try {
    const start = performance.now();
    const results = await inParallel(peer.lanes, suite.cases, async (one, lane) => {
      const result = await resultOf(peer, session, one, lane);
      onCase();
      return result;
    });
    return scoreOf(suite, results, performance.now() - start);
  } finally {
    await session.close();
  }
}

async function resultOf(peer: Peer, session: Session, one: PathCase, lane: number): Promise<Result> {
  const why = peer.reasonNotToRun(one);
  if (why !== undefined) return { verdict: 'not-run', ms: 0, why };
  const start = performance.now();
  const verdict = await session.ask(one, lane);
  return { verdict, ms: performance.now() - start };
}

/** Results of the items in their order; at most `lanes` at a time. */
async function inParallel<T, R>(
  lanes: number,
  items: readonly T[],
  work: (item: T, lane: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const drain = async (lane: number): Promise<void> => {
    for (const [i, item] of queue) results[i] = await work(item, lane);
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => drain(lane)));
  return results;
}

/** More than any chain of the suites has: then a limit does not matter. */
const MANY_INTERMEDIATES = 100;

/** For peers that cannot be told how many intermediates there may be. */
export function reasonOfDepth({ maxIntermediates = MANY_INTERMEDIATES }: PathCase): string | undefined {
  return maxIntermediates < MANY_INTERMEDIATES ? 'it takes no limit of depth' : undefined;
}

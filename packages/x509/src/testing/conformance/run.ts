// One run: our verifier over all suites, then the peers over the suites of chains.

import type { PathSuite, Suite } from './case.ts';
import { UNSUPPORTED_SUITE } from './limbo.ts';
import { naivePeer } from './peers/naive.ts';
import { nodeTlsPeer } from './peers/node-tls.ts';
import { findOpenssl } from './peers/openssl.ts';
import { type AbsentPeer, runPeer, type VerifierScores } from './peers/peer.ts';
import { findPkijs } from './peers/pkijs.ts';
import type { OnCase } from './progress.ts';
import type { Score } from './score.ts';
import { runWindlass } from './windlass.ts';

/** What a run found. */
export interface Findings {
  readonly suites: readonly Suite[];
  /** Ours, in the order of the suites. */
  readonly scores: readonly Score[];
  /** Ours and the peers' scores of the suites that all were asked. */
  readonly compared: readonly VerifierScores[];
  readonly absent: readonly AbsentPeer[];
}

/** Runs one verifier after the other; `progress` makes what is called after each case. */
export async function run(
  suites: readonly Suite[],
  peers: 'all' | 'none',
  progress: (label: string, total: number) => OnCase,
): Promise<Findings> {
  const scores = runWindlass(suites, progress('windlass', countCases(suites)));
  const shared = suites.filter(isShared);
  const found = peers === 'none' || shared.length === 0 ? [] : [findOpenssl(), nodeTlsPeer, findPkijs(), naivePeer];
  const compared: VerifierScores[] = [
    { name: 'windlass', version: '', scores: scores.filter(({ suite }) => shared.some(({ name }) => name === suite)) },
  ];
  for (const peer of found) {
    if (peer.kind === 'peer') compared.push(await runPeer(peer, shared, progress(peer.name, countCases(shared))));
  }
  return { suites, scores, compared, absent: found.filter((peer) => peer.kind === 'absent') };
}

function isShared(suite: Suite): suite is PathSuite {
  return suite.kind === 'paths' && suite.name !== UNSUPPORTED_SUITE;
}

function countCases(suites: readonly Suite[]): number {
  return suites.reduce((sum, { cases }) => sum + cases.length, 0);
}

// What the thread that evaluates a PAC file is given, and what it says. Only types: the thread has a file of its own.
import type { MessagePort } from 'node:worker_threads';

/** One question to one file. */
export interface PacJob {
  /** The file's text. */
  readonly script: string;
  /** The peer as `FindProxyForURL` gets it: `https://host/`, without a path. */
  readonly url: string;
  readonly host: string;
  /** The time for weekdayRange and the like, in seconds. */
  readonly now: number;
  /** This machine's addresses. */
  readonly addresses: readonly string[];
}

/** The worker's data. The thread waits on `flag` until there is an answer to a name on `answers`. */
export interface PacThreadData {
  readonly job: PacJob;
  readonly flag: Int32Array;
  readonly answers: MessagePort;
}

/** Why a file gave no result: what is in it is no script or throws; it has no FindProxyForURL; it takes too much of something. */
export type PacFault = 'script' | 'no-function' | 'no-text' | 'result-too-long' | 'too-much-memory' | 'too-long';

export type PacMessage =
  /** The addresses of this name are wanted. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'result'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: PacFault };

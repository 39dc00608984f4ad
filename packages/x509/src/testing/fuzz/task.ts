// What passes between the fuzz command and the threads that run one decoder each.

import type { DecoderResult } from './run.ts';

/** One decoder to be run in a thread. */
export interface Task {
  readonly decoder: string;
  readonly inputs: number;
  readonly seed: string;
  /** Where the thread notes what it does, so that an input that never comes back is known. */
  readonly notes: SharedArrayBuffer;
}

/** What a thread says at its end; bytes of JavaScript values that nobody holds are not counted. */
export interface TaskResult {
  readonly result: DecoderResult;
  readonly heapBefore: number;
  readonly heapAfter: number;
}

/** The latest input, and how many were before it. */
export interface Notes {
  write(input: Uint8Array, done: number): void;
  read(): { readonly input: Uint8Array; readonly done: number };
}

/** Octets of the two counters in front of the input. */
const HEADER = 8;

/** Room for the notes about inputs of up to this many bytes. */
export function createNotes(longest: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER + longest);
}

/** The notes in that memory, which several threads may share. */
export function openNotes(memory: SharedArrayBuffer): Notes {
  const counters = new Uint32Array(memory, 0, 2);
  const bytes = new Uint8Array(memory, HEADER);
  return {
    write(input, done) {
      counters[0] = done;
      counters[1] = input.length;
      bytes.set(input);
    },
    read: () => ({ done: counters[0] ?? 0, input: bytes.slice(0, counters[1]) }),
  };
}

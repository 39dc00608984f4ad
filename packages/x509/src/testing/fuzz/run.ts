// The loop: inputs for one decoder, with a corpus of those that reached something new.

import type { Coverage, Fresh } from './coverage.ts';
import type { Decoder } from './decoders.ts';
import { Finding, judge } from './judge.ts';
import { minimize } from './minimize.ts';
import { mutate, type Seed, toSeed } from './mutator.ts';
import type { Random } from './random.ts';

/** What one decoder did. */
export interface DecoderResult {
  readonly name: string;
  readonly inputs: number;
  readonly seconds: number;
  /** How often each code came out, and `accepted`. */
  readonly codes: ReadonlyMap<string, number>;
  /** Milliseconds of the slowest input. */
  readonly slowest: number;
  readonly corpus: number;
  /** How many of the corpus are there because they ran code that had not run. */
  readonly byCoverage: number;
  /** How many places refused and shapes were accepted. */
  readonly sites: number;
  /** What ended it. */
  readonly finding?: FoundInput;
}

/** A finding as data, its input made small. */
export interface FoundInput {
  readonly message: string;
  readonly input: Uint8Array;
  readonly stack: string;
}

/** What is asked of one decoder. */
export interface FuzzOptions {
  readonly inputs: number;
  readonly random: Random;
  readonly coverage?: Coverage | undefined;
  /** Called before each input is decoded, with how many were before it: an input may never come back. */
  readonly onInput?: (input: Uint8Array, done: number) => void;
}

/** Inputs between two looks at the coverage: a look costs about as much as twenty of them. */
const BATCH = 500;
/** Most inputs that are kept to be mutated again, and the longest of them in bytes. */
const MAX_CORPUS = 3000;
const MAX_KEPT_BYTES = 1 << 12;
/** How many of the latest finds are mutated more often than others. */
const RECENT = 8;

/** What the decoder does with that many inputs; stops at the first finding. */
export function fuzz(decoder: Decoder, options: FuzzOptions): DecoderResult {
  const state = startState(decoder, options);
  const start = performance.now();
  try {
    runAll(state, decoder.seeds);
    options.coverage?.fresh();
    while (state.done < options.inputs) runBatch(state, Math.min(BATCH, options.inputs - state.done));
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    const { message, input, cause } = minimize(decoder, error);
    const stack = cause instanceof Error ? (cause.stack ?? '') : '';
    return { ...resultOf(state, start), finding: { message, input, stack } };
  }
  return resultOf(state, start);
}

/** All that the loop remembers. */
interface State {
  readonly decoder: Decoder;
  readonly options: FuzzOptions;
  readonly corpus: Seed[];
  readonly codes: Map<string, number>;
  readonly sites: Set<string>;
  readonly messages: Set<string>;
  done: number;
  slowest: number;
  byCoverage: number;
}

function startState(decoder: Decoder, options: FuzzOptions): State {
  const none = { codes: new Map<string, number>(), sites: new Set<string>(), messages: new Set<string>() };
  return { decoder, options, corpus: decoder.seeds.map(toSeed), ...none, done: 0, slowest: 0, byCoverage: 0 };
}

function runBatch(state: State, size: number): void {
  const { coverage } = state.options;
  const batch = Array.from({ length: size }, () => nextInput(state));
  runAll(state, batch);
  state.done += size;
  const fresh = coverage?.fresh();
  if (coverage && fresh) keepFirst(state, batch, { coverage, fresh });
}

/** One of the latest finds, of the seeds or of all, mutated. */
function nextInput({ decoder, options: { random }, corpus }: State): Uint8Array {
  const [recent, seeds] = [corpus.slice(-RECENT), corpus.slice(0, decoder.seeds.length)];
  const seed = random.pick(random.pick([recent, seeds, corpus, corpus]));
  return mutate(seed, random, { others: corpus, tokens: decoder.tokens ?? [] });
}

function runAll(state: State, batch: readonly Uint8Array[]): void {
  const { decoder, options, messages, codes, sites } = state;
  for (const [i, input] of batch.entries()) {
    options.onInput?.(input, state.done + i);
    const { code, site, ms } = judge(decoder, input, messages);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    state.slowest = Math.max(state.slowest, ms);
    if (sites.has(site)) continue;
    sites.add(site);
    keep(state, input);
  }
}

function keep({ corpus, decoder, options: { random } }: State, input: Uint8Array): void {
  if (input.length > MAX_KEPT_BYTES) return;
  const seed = toSeed(input.slice());
  const [first, room] = [decoder.seeds.length, MAX_CORPUS - decoder.seeds.length];
  if (corpus.length < MAX_CORPUS) corpus.push(seed);
  else corpus[first + random.below(room)] = seed;
}

/** Keeps the first input of the batch that runs some of what is fresh, found by halving. */
function keepFirst(
  state: State,
  batch: readonly Uint8Array[],
  { coverage, fresh }: { readonly coverage: Coverage; readonly fresh: Fresh },
): void {
  let left = batch;
  while (left.length > 1) {
    const half = left.slice(0, left.length >> 1);
    for (const input of half) judge(state.decoder, input, state.messages);
    left = coverage.ran(fresh) ? half : left.slice(half.length);
  }
  for (const input of left) keep(state, input);
  state.byCoverage++;
}

function resultOf({ decoder, codes, slowest, corpus, byCoverage, sites, done }: State, start: number): DecoderResult {
  const seconds = (performance.now() - start) / 1000;
  const counts = { slowest, corpus: corpus.length, byCoverage, sites: sites.size };
  return { name: decoder.name, inputs: done, seconds, codes, ...counts };
}

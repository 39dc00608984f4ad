// The fuzz loop finds what is planted, the same again for the same seed, and what it makes is what it should be.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { readDer } from '../../der.ts';
import { derTypes as der } from '../../der-types.ts';
import { refuse, X509Error } from '../../errors.ts';
import { parseCommandLine } from './command-line.ts';
import { DECODERS, type Decoder } from './decoders.ts';
import { elementAt, parseTree, replaceElement } from './der-tree.ts';
import { EDITS, ELEMENT_EDITS } from './edits.ts';
import { judge } from './judge.ts';
import { mutate, toSeed } from './mutator.ts';
import { createRandom } from './random.ts';
import { findProblems, MAX_HEAP_GROWTH, report } from './report.ts';
import { MAX_RESIDENT_GROWTH, residentDuring } from './resident.ts';
import { type DecoderResult, fuzz } from './run.ts';
import { leaf, SEEDS } from './seeds.ts';
import { createNotes, openNotes } from './task.ts';

const certificate = leaf.certificate.der;
const decoderOf = (decode: Decoder['decode'], seeds = [certificate]): Decoder => ({
  name: 'planted',
  cost: 'cheap',
  decode,
  seeds,
});
const fuzzed = (decode: Decoder['decode'], inputs = 3000) =>
  fuzz(decoderOf(decode), { inputs, random: createRandom('test') });

/** Whether every signature is taken for a good one. */
const signatures = vi.hoisted(() => ({ areBelieved: false }));
vi.mock('../../signature.ts', async (load) => {
  const real = await load<typeof import('../../signature.ts')>();
  const isSignedBy: typeof real.isSignedBy = (...given) => signatures.areBelieved || real.isSignedBy(...given);
  return { ...real, isSignedBy };
});

afterEach(() => {
  vi.useRealTimers();
  signatures.areBelieved = false;
});

describe('what is planted is found', () => {
  test('another error, deep in a tree whose lengths must be right; its input is made small', () => {
    const { finding } = fuzzed((bytes) => {
      const tree = parseTree(bytes);
      if (tree === undefined) refuse('der');
      const fields = (tree.inside[0]?.inside ?? []).map(({ raw }) => Buffer.from(raw).toString('hex'));
      if (new Set(fields).size < fields.length) throw new TypeError('planted');
    });
    expect(finding?.message).toContain('TypeError: planted');
    expect(finding?.stack).toContain('fuzz.test.ts');
    expect(finding?.input.length).toBeLessThan(40);
  });
  test('a message that quotes its input', () => {
    const quote = (bytes: Uint8Array) => new X509Error('der', Buffer.from(bytes.subarray(0, 4)).toString('hex'));
    expect(
      fuzzed((bytes) => {
        throw quote(bytes);
      }).finding?.message,
    ).toContain('quotes');
    const binary = decoderOf(() => refuse('der'));
    expect(() => judge(binary, certificate, new Set())).not.toThrow();
    const loud = decoderOf(() => {
      throw new X509Error('der', 'caf\u00e9');
    });
    expect(() => judge(loud, certificate, new Set())).toThrow('quotes');
  });
  test('an input that is slow each time', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    let calls = 0;
    const once = decoderOf(() => vi.advanceTimersByTime(calls++ === 0 ? 501 : 1));
    expect(judge(once, certificate, new Set()).ms).toBe(1);
    const slow = decoderOf(() => vi.advanceTimersByTime(501));
    expect(() => judge(slow, certificate, new Set())).toThrow('An input takes 501 ms');
  });
  test.each(['leaf', 'CA'])('a certificate that nobody signed and is accepted, as a %s', (place) => {
    const { decode, seeds } = DECODERS.find(({ name }) => name === `validatePath (${place})`) ?? decoderOf(() => {});
    for (const body of seeds) expect(() => decode(body)).not.toThrow();
    signatures.areBelieved = true;
    expect(() => decode(seeds[1] ?? certificate)).toThrow('A certificate that nobody signed was accepted.');
  });
});

test('every seed that should be accepted is accepted, and some of what is made of it', () => {
  for (const decoder of DECODERS) {
    const { codes } = fuzz(decoder, { inputs: 300, random: createRandom(1) });
    expect(codes.get('accepted'), decoder.name).toBeGreaterThan(0);
  }
  for (const name of ['parseCertificate', 'parseCrl', 'parseExtensions', 'parseSignatureAlgorithm', 'parsePublicKey']) {
    const { decode, seeds } = DECODERS.find((one) => one.name === name) ?? decoderOf(() => refuse('der'));
    for (const seed of seeds) expect(() => decode(seed), name).not.toThrow();
  }
});

describe('the mutator', () => {
  const mutants = (seed: string) => {
    const random = createRandom(seed);
    const [from, others] = [toSeed(certificate), SEEDS.names.map(toSeed)];
    return Array.from({ length: 500 }, () => mutate(from, random, { others, tokens: [] }));
  };
  test('makes the same of the same seed, and other things of another', () => {
    expect(mutants('a')).toEqual(mutants('a'));
    expect(mutants('a')).not.toEqual(mutants('b'));
  });
  test('makes mostly DER that is new, and does not touch what it starts from', () => {
    const before = certificate.slice();
    const made = mutants('a');
    expect(made.filter((bytes) => parseTree(bytes)).length).toBeGreaterThan(200);
    expect(new Set(made.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBeGreaterThan(400);
    expect(certificate).toEqual(before);
  });
  test('reads trees as DER is read, also inside of extensions, and replaces any element', () => {
    const tree = parseTree(certificate);
    if (!tree) throw new Error('A certificate is a tree.');
    expect(tree.size).toBeGreaterThan(50);
    for (let i = 0; i < tree.size; i++) {
      expect(replaceElement(tree, i, ({ raw }) => [raw])).toEqual(certificate);
      if (i > 0) {
        const shorter = replaceElement(tree, i, ({ tag }) => [der.element(tag)]);
        expect(readDer(shorter).raw).toEqual(shorter);
      }
      expect(elementAt(tree, i).raw.length).toBeGreaterThan(1);
    }
    expect(parseTree(certificate.subarray(1))).toBeUndefined();
    expect(parseTree(new Uint8Array())).toBeUndefined();
  });
  test.each(Object.entries(EDITS))('edit %s: whole elements where it leaves DER', (name, edit) => {
    const tree = parseTree(SEEDS.names[0] ?? certificate);
    if (!tree) throw new Error('A name is a tree.');
    const parts = edit(tree, createRandom(name), tree);
    const isWhole = parts.every((part) => parseTree(part) !== undefined);
    if (name in ELEMENT_EDITS) expect(isWhole).toBe(true);
    expect(parts.length === 0).toBe(name === 'removed');
  });
});

test('notes pass between threads', () => {
  const memory = createNotes(4);
  openNotes(memory).write(Uint8Array.of(1, 2), 7);
  expect(openNotes(memory).read()).toEqual({ done: 7, input: Uint8Array.of(1, 2) });
});

describe('the command', () => {
  const result: DecoderResult = {
    name: 'one',
    inputs: 10,
    seconds: 2,
    codes: new Map([['der', 3]]),
    slowest: 1,
    corpus: 4,
    byCoverage: 1,
    sites: 2,
  };
  const resident = { before: 0, most: MAX_RESIDENT_GROWTH + 2, after: 1 };
  test('fails on a finding, on memory that grows, and when nothing was run', () => {
    const fine = { result, heapBefore: 5, heapAfter: 6 };
    expect(findProblems([fine], resident)).toEqual([]);
    const finding = { message: 'Wrong.', input: Uint8Array.of(1), stack: '' };
    expect(findProblems([{ ...fine, result: { ...result, finding } }], resident)).toEqual([
      'one: Wrong. Its input: 01',
    ]);
    expect(findProblems([{ ...fine, heapAfter: MAX_HEAP_GROWTH + 6 }], resident)).toHaveLength(1);
    expect(findProblems([fine], { ...resident, after: MAX_RESIDENT_GROWTH + 1 })).toHaveLength(1);
    expect(findProblems([], resident)).toHaveLength(1);
    const lines = report([fine], resident);
    expect(lines.at(-2)).toMatch(/^one .* 0\.0 MiB to 0\.0 MiB$/);
    expect(lines.at(-1)).toBe('resident: 0.0 MiB before, at most 192.0 MiB, 0.0 MiB after');
  });
  test('looks at the memory during a run, and waits for what is given back late before it says what it leaves', async () => {
    const rss = vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(1);
    const work = async () => {
      rss.mockReturnValue(9);
      await vi.waitUntil(() => rss.mock.calls.length > 1, { timeout: 10_000 });
      rss.mockReturnValueOnce(2 + MAX_RESIDENT_GROWTH).mockReturnValue(7);
      return 'done';
    };
    expect(await residentDuring(work)).toEqual(['done', { before: 1, most: 9, after: 7 }]);
    rss.mockRestore();
  });
  test('understands its arguments', () => {
    expect(parseCommandLine([], 5)).toMatchObject({
      inputs: 1_000_000,
      signedInputs: 100_000,
      seed: '5',
      format: 'table',
    });
    expect(parseCommandLine(['--inputs', '20', '--json'], 5)).toMatchObject({
      inputs: 20,
      signedInputs: 2,
      format: 'json',
    });
    expect(() => parseCommandLine(['--inputs', 'many'], 5)).toThrow('whole number');
    expect(parseCommandLine(['--help'], 5)).toEqual({ kind: 'help' });
  });
});

// Each class of differences has an example that is made here: our verdict on it, and openssl's where there is one. And the
// run fails where it should.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { opensslVersion } from '../conformance/peers/openssl.ts';
import { buildChain, soundChain } from './chain.ts';
import { CLASSES } from './classes.ts';
import { parseCommandLine } from './command-line.ts';
import { classify, type DifferenceClass, isLike } from './difference.ts';
import { chainWith, generateChain, PLACED } from './generate.ts';
import { createKeyPool, SOUND_KINDS } from './keys.ts';
import { opensslVerdict, parseOutput, verifyCommand, writeChain } from './openssl.ts';
import { report, reportJson } from './report.ts';
import { PROFILES } from './run.ts';
import { findProblems, summarize } from './summary.ts';
import { type Observation, ourVerdict } from './verdict.ts';

const pool = createKeyPool();
const folder = mkdtempSync(join(tmpdir(), 'windlass-differential-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const hasOpenssl = opensslVersion() !== undefined;

/** Both verdicts; openssl's files are named as the test is. */
async function observe(names: readonly string[], profile: Observation['profile']): Promise<Observation> {
  const { id, mutations, chain } = chainWith(...names);
  const built = buildChain(chain, pool);
  const openssl = hasOpenssl
    ? await opensslVerdict(verifyCommand(writeChain(built, folder, 'test'), profile))
    : 'accepted';
  return { id, mutations, profile, ours: ourVerdict(built, profile), openssl };
}

describe('what the classes say of us', () => {
  test.each(CLASSES.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const seen = await observe(one.example, one.profile ?? 'strict');
    // The first of several codes is that of the example.
    expect(seen.ours).toBe(one.ours === 'accepted' ? one.ours : one.ours[0]);
    if (hasOpenssl) expect(classify(seen, CLASSES)?.name).toBe(one.name);
  });
  test('has a sentence for each, and a name of its own', () => {
    expect(new Set(CLASSES.map(({ name }) => name)).size).toBe(CLASSES.length);
    for (const { sentence } of CLASSES) expect(sentence).toMatch(/^(openssl|OURS TO MEND: ).*\.$/);
  });
  test('is about mutations that exist', () => {
    for (const pattern of CLASSES.flatMap(({ mutations }) => mutations)) {
      const isAny = [...PLACED.keys()].some((name) => isLike(name, pattern));
      expect(isAny, pattern).toBe(true);
    }
  });
  test('leaves the same mutation with another verdict unexplained', () => {
    for (const { mutations, ours, profile = 'strict', example } of CLASSES) {
      expect(mutations.length).toBeGreaterThan(0);
      const other = { id: 'x', mutations: example, profile };
      const odd: Observation =
        ours === 'accepted'
          ? { ...other, ours, openssl: [{ number: 999, text: 'odd' }] }
          : { ...other, ours: 'budget', openssl: 'accepted' };
      expect(classify(odd, CLASSES)).toBeUndefined();
    }
  });
});

describe('chains', () => {
  test.each([0, 1, 2, 3])('sound ones with %i intermediates are accepted, whatever the keys', async (intermediates) => {
    for (const kind of new Set(SOUND_KINDS)) {
      const built = buildChain(soundChain({ intermediates, kinds: Array(5).fill(kind) }), pool);
      for (const profile of PROFILES) {
        expect(ourVerdict(built, profile)).toBe('accepted');
        if (!hasOpenssl) continue;
        expect(await opensslVerdict(verifyCommand(writeChain(built, folder, 'sound'), profile))).toBe('accepted');
      }
    }
  });
  test('every mutation can be made, and we say something about it', () => {
    expect(PLACED.size).toBeGreaterThan(1800);
    for (const name of PLACED.keys()) {
      const built = buildChain(chainWith(name).chain, pool);
      for (const profile of PROFILES) expect(ourVerdict(built, profile), name).toMatch(/^[a-z-]+$/);
    }
  }, 120_000);
  test('the same seed and number make the same mutations, others make others', () => {
    const names = (seed: string) => Array.from({ length: 50 }, (_, i) => generateChain(seed, i).mutations);
    expect(names('1')).toEqual(names('1'));
    expect(names('1')).not.toEqual(names('2'));
  });
  test('a whole round has every mutation, sound chains and pairs', () => {
    const made = Array.from({ length: PLACED.size * 2 }, (_, i) => generateChain('1', i).mutations);
    expect(new Set(made.flat()).size).toBeGreaterThan(PLACED.size * 0.99);
    for (const count of [0, 1, 2]) expect(made.filter(({ length }) => length === count).length).toBeGreaterThan(100);
  });
  test('of an unknown mutation: a bug that says so', () => {
    expect(() => chainWith('leaf.nothing')).toThrow('There is no mutation "leaf.nothing".');
  });
});

describe('the run', () => {
  const planted: DifferenceClass = {
    name: 'planted',
    sentence: 'Planted.',
    mutations: ['leaf.{a,b}.*'],
    profile: 'strict',
    ours: ['der', 'certificate'],
    openssl: 'accepted',
    example: ['leaf.a.x'],
  };
  const difference = {
    id: '1-1',
    mutations: ['leaf.a.x'],
    profile: 'strict',
    ours: 'der',
    openssl: 'accepted',
  } as const;
  const accepted = { ...difference, ours: 'accepted' } as const;
  const refused = { ...difference, openssl: [{ number: 20, text: 'no issuer' }] } as const;
  const many = [...Array<Observation>(10).fill(accepted), ...Array<Observation>(10).fill(refused)];
  const problemsOf = (...observations: readonly Observation[]) =>
    findProblems(summarize(observations, [planted]), 'many');

  test('has no problem when differences are explained', () => {
    expect(problemsOf(...many)).toEqual([]);
    expect(problemsOf(...many, difference)).toEqual([]);
    expect(summarize([...many, difference], [planted]).classes).toMatchObject([{ found: planted, count: 1 }]);
  });
  test.each<[string, Observation]>([
    ['another mutation', { ...difference, mutations: ['leaf.c.x', 'ca.a.x', 'leaf.a.x.y'] }],
    ['another profile', { ...difference, profile: 'webpki-like' }],
    ['another code', { ...difference, ours: 'signature' }],
    ['we accept', { ...accepted, openssl: [{ number: 20, text: '' }] }],
  ])('has a problem with %s', (_, odd) => {
    expect(problemsOf(...many, odd)).toEqual(['1 differences that no class explains.']);
  });
  test('wants every error of openssl explained', () => {
    const ours: DifferenceClass = { ...planted, ours: 'accepted', openssl: [20] };
    const errors = (...numbers: number[]) => ({
      ...accepted,
      openssl: numbers.map((number) => ({ number, text: '' })),
    });
    expect(classify(errors(20), [ours])).toBe(ours);
    expect(classify(errors(20, 7), [ours])).toBeUndefined();
    const other = { ...ours, openssl: [7] };
    expect(classify(errors(7, 20), [ours, other])).toBe(other);
  });
  test('has a problem when both agree seldom, nothing was compared, or a sound chain is refused', () => {
    expect(problemsOf()).toContain('Nothing was compared.');
    expect(problemsOf(...Array<Observation>(20).fill(accepted))).toHaveLength(1);
    expect(problemsOf(...Array<Observation>(20).fill(refused))).toHaveLength(1);
    expect(findProblems(summarize([accepted], [planted]), 'few')).toEqual([]);
    expect(problemsOf(...many, { ...refused, mutations: [] })).toEqual(['1 sound chains were refused.']);
  });
  test('reports every class with its sentence, and what is unexplained', () => {
    const odd = { ...difference, ours: 'budget' } as const;
    const summary = summarize([...many, difference, odd], [planted]);
    const about = { seed: '1', openssl: '3.0' };
    const text = report(summary, about).join('\n');
    for (const part of ['22 comparisons', 'planted', 'Planted.', 'ours budget', 'der / 20 no issuer'])
      expect(text).toContain(part);
    const json = reportJson([difference, odd], summary, { about, classes: [planted], problems: [] });
    expect(json).toMatchObject({ differences: [{ class: 'planted' }, { class: 'unexplained' }] });
  });
  test('understands what openssl says', () => {
    expect(parseOutput(0, 'x.leaf.pem: OK\n')).toBe('accepted');
    expect(parseOutput(0, 'something else')).toBeUndefined();
    const two =
      'error 79 at 1 depth lookup: invalid CA certificate\nerror 26 at 1 depth lookup: unsuitable\nerror x: verification failed\n';
    expect(parseOutput(2, two)).toMatchObject([{ number: 79 }, { number: 26, text: 'unsuitable' }]);
    expect(parseOutput(2, 'Could not read certificate from x\nUnable to load certificate')).toMatchObject([
      { number: 0 },
    ]);
    expect(parseOutput(2, 'verify: Unknown option')).toBeUndefined();
    expect(parseOutput(null, '')).toBeUndefined();
  });
  test('understands its arguments', () => {
    expect(parseCommandLine([])).toMatchObject({
      seed: '1',
      format: 'table',
      dump: undefined,
      numbers: { length: 5000 },
    });
    expect(parseCommandLine(['--chains', '2', '--json'])).toMatchObject({ numbers: [0, 1], format: 'json' });
    expect(parseCommandLine(['--only', '7'])).toMatchObject({ numbers: [7] });
    expect(() => parseCommandLine(['--chains', 'x'])).toThrow('whole number');
    expect(parseCommandLine(['-h'])).toEqual({ kind: 'help' });
  });
});

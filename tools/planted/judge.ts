// Says whether anybody notices that a check is gone: first the vectors of its rules, in this process; then the tests named after them.
import { readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { buildRunner, type VectorRunner } from './planted-build.ts';
import { runAllTests, runTests, type TestVerdict, testFilesOf } from './planted-tests.ts';
import type { TaggedCheck } from './tagged-checks.ts';

/** What became of one planted fault: who noticed it, or why nobody did. */
export interface Verdict {
  readonly check: TaggedCheck;
  readonly noticedBy: string | null;
  readonly reason: string;
}

/** A vector as far as it matters here. */
export interface PlantedVector {
  readonly id: string;
  readonly rule: string;
}

/** Every vector of a directory. */
export function readVectors(directory: string): readonly PlantedVector[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes(sep) && name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(directory + name, 'utf8')));
}

/** Who notices that `check` is gone. */
export async function withoutNotice(
  root: string,
  check: TaggedCheck,
  vectors: readonly PlantedVector[],
): Promise<Verdict> {
  const entry = `${root}packages/protocol/src/testing/vectors/run-vector.ts`;
  const inProtocol = check.file.startsWith(`${root}packages/protocol/`);
  const own = inProtocol ? vectors.filter(({ rule }) => check.rules.includes(rule)) : [];
  const vector = own.length > 0 ? await failingVector(entry, check, own) : undefined;
  if (vector) return { check, noticedBy: vector.id, reason: '' };
  let reason = own.length > 0 ? STILL_PASS : 'it has neither vector nor test';
  for (const rule of check.rules) {
    const files = testFilesOf(check, rule);
    const verdict = await runTests(root, files, rule, check);
    if (verdict === 'passed') reason = STILL_PASS;
    if (verdict === 'unfinished') reason = `the test [${rule}] did not end in time`;
    if (verdict !== 'failed') continue;
    // A test that fails without a planted fault has noticed nothing.
    if ((await soundTests(root, files, rule)) === 'passed') return { check, noticedBy: `test [${rule}]`, reason: '' };
    return { check, noticedBy: null, reason: `the test [${rule}] fails without a planted fault too` };
  }
  return { check, noticedBy: null, reason };
}

const STILL_PASS = 'its vectors and tests still pass';

/** Whether any test of its package misses a check that is tied to no rule. */
export async function withoutAnyNotice(root: string, check: TaggedCheck): Promise<Verdict> {
  soundPackage ??= runAllTests(root, check);
  if ((await soundPackage) !== 'passed') {
    return { check, noticedBy: null, reason: 'a test of its package fails without a planted fault too' };
  }
  const verdict = await runAllTests(root, check, check);
  const noticedBy = verdict === 'failed' ? 'a test of its package' : null;
  const reason =
    verdict === 'unfinished' ? 'the tests of its package did not end in time' : 'all tests of its package still pass';
  return { check, noticedBy, reason };
}

let soundPackage: Promise<TestVerdict> | undefined;

const sound = new Map<string, Promise<TestVerdict>>();

/** What the tests of a rule say without a planted fault; asked once. */
function soundTests(root: string, files: readonly string[], rule: string): Promise<TestVerdict> {
  const key = [rule, ...files].join();
  const known = sound.get(key) ?? runTests(root, files, rule);
  sound.set(key, known);
  return known;
}

/** The vector that fails without the check, and holds with it. */
async function failingVector(
  entry: string,
  check: TaggedCheck,
  vectors: readonly PlantedVector[],
): Promise<PlantedVector | undefined> {
  whole ??= buildRunner(entry);
  const [sound, planted] = await Promise.all([whole, buildRunner(entry, check)]);
  return vectors.find((vector) => holds(sound, vector) && !holds(planted, vector));
}

let whole: Promise<VectorRunner> | undefined;

function holds({ runVector }: VectorRunner, vector: PlantedVector): boolean {
  try {
    return runVector(vector) === null;
  } catch {
    return false;
  }
}

// Runs of vitest with one check left out: the tests of the check's package whose name carries its rule.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import type { TaggedCheck } from './tagged-checks.ts';

const TIMEOUT_MS = 120_000;

/** What a run of named tests showed; `none`: no test has such a name; `unfinished`: it was ended, because it took too long. */
export type TestVerdict = 'passed' | 'failed' | 'none' | 'unfinished';

/** The test files of the package of `check` that have a test named after `rule`. */
export function testFilesOf(check: TaggedCheck, rule: string): readonly string[] {
  const sources = join(packageOf(check.file), 'src');
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(sources, name))
    .filter((path) => readFileSync(path, 'utf8').includes(`[${rule}]`));
}

/** Runs the tests of `rule`, without `planted` where it is given. */
export async function runTests(
  root: string,
  files: readonly string[],
  rule: string,
  planted?: TaggedCheck,
): Promise<TestVerdict> {
  return files.length === 0 ? 'none' : runNamed(root, [...files, '-t', `\\[${rule}\\]`], planted);
}

/** Tests of x509 that take long, or judge by what it shares with others. */
const LONG_TESTS = /(decoders|conformance|package)\.test\.ts$/;

/** Runs the tests of the package of `check`; without it where it is `planted`: `failed` where one of them misses it. */
export async function runAllTests(root: string, check: TaggedCheck, planted?: TaggedCheck): Promise<TestVerdict> {
  const sources = join(packageOf(check.file), 'src');
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('testing') && !LONG_TESTS.test(name))
    .map((name) => join(sources, name));
  return runNamed(root, files, planted);
}

async function runNamed(root: string, options: readonly string[], planted?: TaggedCheck): Promise<TestVerdict> {
  const directory = mkdtempSync(join(tmpdir(), 'windlass-planted-'));
  try {
    const output = join(directory, 'result.json');
    await runVitest(root, [...options, '--reporter', 'json', '--outputFile', output], planted);
    return existsSync(output) ? verdictOf(JSON.parse(readFileSync(output, 'utf8'))) : 'unfinished';
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function verdictOf(result: { success: boolean; numPassedTests: number; numFailedTests: number }): TestVerdict {
  if (!result.success) return 'failed';
  return result.numPassedTests === 0 ? 'none' : 'passed';
}

async function runVitest(root: string, options: readonly string[], planted: TaggedCheck | undefined): Promise<void> {
  const config = join(root, 'tools/planted/vitest.config.ts');
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', root, '--config', config, '--bail', '1'];
  const env = { ...process.env, ...(planted ? { WINDLASS_PLANTED: JSON.stringify(planted) } : {}) };
  const child = spawn(process.execPath, [...args, ...options], { env, stdio: 'ignore', timeout: TIMEOUT_MS });
  await new Promise((resolve) => child.on('close', resolve));
}

function packageOf(file: string): string {
  const directory = dirname(file);
  return directory.endsWith(`${sep}src`) ? dirname(directory) : packageOf(directory);
}

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runSession } from './run-session.ts';
import { matches, parseSession } from './session.ts';

const directory = new URL('.', import.meta.url);
const sessionDeadlineMs = 300_000;

describe('sessions of a shell', () => {
  const files = readdirSync(directory).filter((name) => name.endsWith('.session'));
  test.concurrent.each(files)('%s', { timeout: sessionDeadlineMs }, async (name) => {
    await runSession(readFileSync(new URL(name, directory), 'utf8'));
  });
});

describe('the runner of sessions', () => {
  test('a step is a command, its output and its exit code', () => {
    expect(parseSession('# c\n$ a b\nout ...\n[2]\n\n$ c\n')).toEqual([
      { line: 2, command: 'a b', expected: ['out ...'], exitCode: 2 },
      { line: 6, command: 'c', expected: [], exitCode: 0 },
    ]);
  });

  test('... stands for lines and for characters, and for nothing else', () => {
    expect(matches('one\ntwo\nthree\n', ['one', '...', 'th...e'])).toBe(true);
    expect(matches('one\ntwo\nthree\n', ['one', '...', 'four'])).toBe(false);
    expect(matches('one\ntwo\n', ['one'])).toBe(false);
    expect(matches('a.c', ['abc'])).toBe(false);
    expect(matches('', [])).toBe(true);
  });

  test('a session whose command says something else fails and shows what it said', async () => {
    await expect(runSession('$ echo yes\nno\n')).rejects.toThrow(/line 1.*expected.*no.*got.*yes/s);
    await expect(runSession('$ false\n')).rejects.toThrow(/exit code 1/);
  });
});

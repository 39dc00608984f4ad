import { describe, expect, test } from 'vitest';
import { CommandError, reportError, summarizeError, UsageError } from './errors.ts';
import { recordingTerminal } from './recording-terminal.ts';

function systemError(code: string, extra: Readonly<Record<string, unknown>> = {}): Error {
  return Object.assign(new Error(`${code}: raw text`), { code, ...extra });
}

describe('an error', () => {
  test('of the command line has exit code 2, another one 1', () => {
    expect(summarizeError(new UsageError('a.')).exitCode).toBe(2);
    expect(summarizeError(new CommandError('a.')).exitCode).toBe(1);
  });

  test('of a package below keeps its sentence and its code', () => {
    const error = Object.assign(new Error('There is no network x: add it first.'), {
      name: 'ManagementError',
      code: 'not-found',
    });
    expect(summarizeError(error)).toEqual({
      code: 'not-found',
      message: 'There is no network x: add it first.',
      exitCode: 1,
    });
  });

  test.each([
    ['EACCES', { path: '/d/windlass.toml' }, /^\/d\/windlass.toml may not be accessed: check who owns it/],
    ['ENOENT', { path: '/d' }, /^There is no \/d/],
    ['EADDRINUSE', { port: 8443 }, /^Port 8443 is in use by another program/],
    ['EROFS', { path: '/ro/x' }, /read-only/],
    ['ENOSPC', { path: '/full/x' }, /no space left/],
  ])('of the operating system is a sentence: %s', (code, extra, sentence) => {
    const { message, exitCode } = summarizeError(systemError(code, extra));
    expect(message).toMatch(sentence);
    expect(message).not.toContain('raw text');
    expect(exitCode).toBe(1);
  });

  test('that waits for a second person has an exit code of its own', async () => {
    const { ManagementError } = await import('@windlass/management');
    expect(summarizeError(new ManagementError('waits-for-approval', 202, 'Wait.')).exitCode).toBe(3);
  });

  test('that nobody foresaw says that it is a fault of the program', () => {
    expect(summarizeError(new TypeError('x is undefined')).message).toMatch(/fault of windlass/);
    expect(summarizeError('text').message).toMatch(/fault of windlass/);
  });

  test('cannot steer the terminal, and shows a stack only when asked', () => {
    const terminal = recordingTerminal();
    expect(reportError(new CommandError('bad \u001b[2J\nname.'), terminal, 'text')).toBe(1);
    expect(terminal.written.err).toBe('windlass: bad \\u001b[2J\\u000aname.\n');
    const asked = recordingTerminal({ WINDLASS_DEBUG: '1' });
    reportError(new CommandError('bad.'), asked, 'text');
    expect(asked.written.err).toContain('errors.test.ts');
  });
});

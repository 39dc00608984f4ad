import { expect, test } from 'vitest';
import { help, parseCommandLine } from './command-line.ts';

test('without arguments: everything, for people', () => {
  expect(parseCommandLine([])).toEqual({ kind: 'run', format: 'table', peers: 'all', only: undefined });
});

test('all options', () => {
  expect(parseCommandLine(['--no-peers', '--json', '--only', '^nc::'])).toEqual({
    kind: 'run',
    format: 'json',
    peers: 'none',
    only: /^nc::/,
  });
});

test('help wins, and has an example', () => {
  expect(parseCommandLine(['--json', '-h'])).toEqual({ kind: 'help' });
  expect(help).toMatch(/^example: npm run conformance -- /m);
});

test('an unknown option, a stray word and a broken pattern are refused', () => {
  expect(() => parseCommandLine(['--peers'])).toThrow('--peers');
  expect(() => parseCommandLine(['nc::'])).toThrow('nc::');
  expect(() => parseCommandLine(['--only', '('])).toThrow('--only needs a regular expression');
});

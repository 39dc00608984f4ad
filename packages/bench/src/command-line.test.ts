import { expect, test } from 'vitest';
import { parseCommandLine, usualNames } from './command-line.ts';

test('without a name every benchmark runs that does not take minutes', () => {
  expect(parseCommandLine([])).toEqual({ kind: 'run', names: usualNames, json: false });
  expect(parseCommandLine(['idle'])).toEqual({ kind: 'run', names: ['idle'], json: false });
});

test('names are taken once, in the order of the list', () => {
  expect(parseCommandLine(['x509', '--json', 'sizes', 'x509'])).toEqual({
    kind: 'run',
    names: ['sizes', 'x509'],
    json: true,
  });
});

test('an unknown name is refused and the known ones are named', () => {
  expect(() => parseCommandLine(['size'])).toThrow(
    'there is no benchmark "size": choose from sizes, agent, service-cpu, x509, idle',
  );
});

test('an unknown option is refused', () => {
  expect(() => parseCommandLine(['--quick'])).toThrow(/--quick/);
});

test('help wins over everything else', () => {
  expect(parseCommandLine(['sizes', '--help'])).toEqual({ kind: 'help' });
});

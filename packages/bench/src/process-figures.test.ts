import { expect, test } from 'vitest';
import {
  cpuSecondsOf,
  parseResidentBytes,
  parseStat,
  parseVoluntarySwitches,
  residentBytesOf,
  voluntarySwitchesOf,
} from './process-figures.ts';

const numbers = 'S 41 42 42 0 -1 4194560 9000 11 0 0 123 45 6 7 20 0 11 0 1000 700000000 12000 18446744073709551615';

test('user and system time are added, those of children that ended are not', () => {
  expect(parseStat(`42 (node) ${numbers}`)).toEqual({ parent: 41, cpuSeconds: 1.68 });
});

test('a command name with spaces and parentheses does not shift the fields', () => {
  expect(parseStat(`42 (nginx: (a) b) ${numbers}`)).toEqual({ parent: 41, cpuSeconds: 1.68 });
});

test('text that is no stat is refused', () => {
  expect(() => parseStat('')).toThrow('not the text');
  expect(() => parseStat('42 (node) S')).toThrow('not the text');
});

test('resident memory is given in bytes', () => {
  expect(parseResidentBytes('Name:\tnode\nVmHWM:\t   99 kB\nVmRSS:\t   51200 kB\nThreads:\t7\n')).toBe(52_428_800);
});

test('a process without resident memory is refused', () => {
  expect(() => parseResidentBytes('Name:\tkthreadd\n')).toThrow('has ended');
});

test('only the times that a process went to sleep by itself are counted', () => {
  expect(parseVoluntarySwitches('voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t99\n')).toBe(12);
  expect(() => parseVoluntarySwitches('nonvoluntary_ctxt_switches:\t99\n')).toThrow('not the text');
});

test.runIf(process.platform === 'linux')('a process that waits has gone to sleep once more', async () => {
  const before = await voluntarySwitchesOf(process.pid);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await voluntarySwitchesOf(process.pid)).toBeGreaterThan(before);
});

test.runIf(process.platform === 'linux')('this very process has memory and has used CPU', async () => {
  expect(await residentBytesOf(process.pid)).toBeGreaterThan(1024 * 1024);
  expect(await cpuSecondsOf(process.pid)).toBeGreaterThan(0);
});

test.runIf(process.platform === 'linux')('a process that does not exist has no CPU time', async () => {
  await expect(cpuSecondsOf(2 ** 30)).rejects.toThrow('has ended');
});

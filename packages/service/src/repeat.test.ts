import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { repeat } from './repeat.ts';

const told: (readonly [object, string])[] = [];
const log = { warn: (fields: object, text: string) => void told.push([fields, text]) };
const everyMinute = { everyMilliseconds: 60_000, log, failed: 'it could not be done' };

beforeEach(() => {
  told.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

test('work that fails is told to the log, and begun again when it is time', async () => {
  const cause = new Error('no disk');
  let begun = 0;
  const { stop } = repeat(async () => {
    begun += 1;
    if (begun === 1) throw cause;
  }, everyMinute);
  await vi.advanceTimersByTimeAsync(59_999);
  expect([begun, told]).toEqual([1, [[{ err: cause }, 'it could not be done']]]);
  await vi.advanceTimersByTimeAsync(1);
  expect([begun, told.length]).toEqual([2, 1]);
  await stop();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(begun).toBe(2);
});

test('work is done one at a time, once more when it was asked for meanwhile, and ends before stopping does', async () => {
  const finish: (() => void)[] = [];
  const ends: (() => boolean)[] = [];
  const { start, stop } = repeat((isEnded) => {
    ends.push(isEnded);
    return new Promise<void>((resolve) => finish.push(resolve));
  }, everyMinute);
  start();
  start();
  expect(ends).toHaveLength(1);
  finish[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toHaveLength(2);
  let stopped = false;
  const stopping = stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  expect([stopped, ends.map((isEnded) => isEnded())]).toEqual([false, [true, true]]);
  start();
  finish[1]?.();
  await stopping;
  expect([stopped, ends.length]).toEqual([true, 2]);
});

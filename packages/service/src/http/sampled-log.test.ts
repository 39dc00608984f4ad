import { expect, test } from 'vitest';
import { sampleLog } from './sampled-log.ts';

function recordingSink() {
  const lines: object[] = [];
  const record = (fields: object) => lines.push(fields);
  return { lines, info: record, error: record };
}

test('of each kind the first is written down and then one of a hundred, with how many there were', () => {
  const sink = recordingSink();
  const log = sampleLog(sink);
  const granted = { route: 'bootstrap', status: 200, outcome: 'granted' };
  for (let index = 0; index < 250; index += 1) log.count(granted);
  log.count({ ...granted, outcome: 'unclaimed' });
  expect(sink.lines).toEqual([
    { ...granted, count: 1 },
    { ...granted, count: 100 },
    { ...granted, count: 200 },
    { ...granted, outcome: 'unclaimed', count: 1 },
  ]);
});

test('of failures at most one a second is written down', () => {
  const sink = recordingSink();
  const log = sampleLog(sink);
  for (const now of [0, 10, 999, 1_000]) log.failure(new Error(`at ${now}`), 'report', now);
  expect(sink.lines).toMatchObject([{ err: { message: 'at 0' } }, { err: { message: 'at 1000' } }]);
});

// The engine's own limits, without those of the thread that has it: each holds where the other does not.
import { expect, test } from 'vitest';
import { runScript } from './sandbox.ts';

const run = (body: string) =>
  runScript({ script: `function FindProxyForURL() { ${body} }`, url: 'https://app.example/', host: 'app.example' }, {});

test('a script that computes for long is stopped, and does not come to its end', async () => {
  const long = 'for (var i = 0; i < 200000000; i += 1); return "DIRECT"';
  expect(await run(long)).toEqual({ kind: 'fault', fault: 'too-long' });
}, 120_000);

test('a script gets a few megabytes', async () => {
  const text = (megabytes: number): string =>
    `var all = []; for (var i = 0; i < ${megabytes * 1024}; i += 1) all.push("x".repeat(1000) + i); return "" + all.length`;
  expect(await run(text(2))).toEqual({ kind: 'result', text: '2048' });
  expect(await run(text(64))).toEqual({ kind: 'fault', fault: 'too-much-memory' });
});

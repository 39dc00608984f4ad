import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logContains, startProcess } from './process.ts';
import { createTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await createTemporaryDirectory('process-test');
});
afterAll(() => directory.remove());

function script(name: string, source: string) {
  return { argv: ['/bin/sh', '-c', source], logFile: join(directory.path, `${name}.log`) };
}

test('a program is ready when its log says so, and gone after stop, which may be called twice', async () => {
  const running = await startProcess({ ...script('good', 'echo up; exec sleep 60'), ready: logContains('up') });
  await running.stop();
  await running.stop();
  expect(() => process.kill(running.pid, 0)).toThrow(/ESRCH/);
});

test('a program that ends at its start: the error carries the end of its log', async () => {
  const start = startProcess({ ...script('bad', 'echo bad option >&2; exit 3'), ready: logContains('up') });
  await expect(start).rejects.toThrow(/ended with 3 at its start:\nbad option/);
});

test('a program that is never ready is stopped', async () => {
  const start = startProcess({
    ...script('slow', 'echo $$; exec sleep 60'),
    ready: logContains('up'),
    readyWithinMs: 100,
  });
  const error = await start.catch((reason: unknown) => reason);
  expect(String(error)).toContain('was not ready in time');
  const pid = Number(/^\d+$/m.exec(String(error))?.[0]);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

test('a program that ignores TERM is killed', async () => {
  const running = await startProcess({
    ...script('deaf', `trap '' TERM; echo up; while :; do sleep 0.05; done`),
    ready: logContains('up'),
  });
  await running.stop();
  expect(await running.ended).toBeUndefined();
}, 10_000);

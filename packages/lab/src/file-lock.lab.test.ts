import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labIsReady } from './can-run-lab.ts';
import { withFileLock } from './file-lock.ts';
import { createTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

const ready = await labIsReady('the lock around package installation', []);

describe.runIf(ready)('a file lock', () => {
  let directory: TemporaryDirectory;
  beforeAll(async () => {
    directory = await createTemporaryDirectory('file-lock');
  });
  afterAll(() => directory.remove());

  test('two holders never overlap, and the lock is free after an error', async () => {
    const path = join(directory.path, 'lock');
    let inside = 0;
    const hold = async (): Promise<number> => {
      inside += 1;
      const seen = inside;
      await sleep(20);
      inside -= 1;
      return seen;
    };
    const failing = withFileLock(path, 5_000, () => Promise.reject(new Error('mine')));
    await expect(failing).rejects.toThrow('mine');
    expect(await Promise.all([1, 2, 3].map(() => withFileLock(path, 5_000, hold)))).toEqual([1, 1, 1]);
  });

  test('a lock that stays taken: an error after the deadline', async () => {
    const path = join(directory.path, 'taken');
    await withFileLock(path, 5_000, async () => {
      await expect(withFileLock(path, 1_000, async () => 'never')).rejects.toThrow('stayed locked');
    });
  });
});

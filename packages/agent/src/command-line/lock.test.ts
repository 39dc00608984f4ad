import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './lock.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'windlass-lock-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

test('the second agent is told who works on the state directory, and may when that one has ended', () => {
  const first = takeLock(directory);
  expect(takeLock(directory)).toEqual({ kind: 'busy', pid: process.pid });
  if (first.kind === 'held') first.release();
  expect(takeLock(directory).kind).toBe('held');
});

test('the lock of a process that is gone is taken over, and nothing is left lying around', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(directory, 'agent.lock'), `${pid} some-boot 1`);
  expect(takeLock(directory).kind).toBe('held');
  expect(readdirSync(directory)).toEqual(['agent.lock']);
});

test('the lock of a living process that got the number of a dead agent is taken over', () => {
  writeFileSync(join(directory, 'agent.lock'), `${process.pid} another-boot 1`);
  expect(takeLock(directory).kind).toBe('held');
});

test('a lock file of a killed agent that was never filled is taken over', () => {
  writeFileSync(join(directory, 'agent.lock'), '');
  expect(takeLock(directory).kind).toBe('held');
});

test.runIf(process.platform === 'linux')('so is that of an agent that ended and nobody waits for', async () => {
  // The child ends when its pipe does, and that is when its parent is `sleep`: a shell could still wait for it.
  const script = 'read -r _ <&3 & echo $!; exec sleep 60';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  try {
    const pid = await new Promise<string>((resolve) =>
      parent.stdout?.once('data', (text) => resolve(`${text}`.trim())),
    );
    const name = (): string => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim();
    await expect.poll(name, { timeout: 20_000 }).toBe('sleep');
    parent.stdio[3]?.destroy();
    const stat = (): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
    await expect.poll(() => stat()[2], { timeout: 20_000 }).toBe('Z');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    writeFileSync(join(directory, 'agent.lock'), `${pid} ${stat()[21]} ${boot}`);
    expect(takeLock(directory).kind).toBe('held');
  } finally {
    parent.kill();
  }
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

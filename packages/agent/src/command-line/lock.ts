// Two agents on one state directory would overwrite each other's counters: the second one is told who holds it. A lock whose
// process is gone (killed, power lost, its number given to another process since) is taken over.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config/members.ts';

const ATTEMPTS = 3;

/** A held lock, or the process that holds it. */
export type Lock = { readonly kind: 'held'; release(): void } | { readonly kind: 'busy'; readonly pid: number };

/**
 * The lock of the state directory is ours afterwards, or its living holder is named. `pid`: it is taken for that process, which may have it
 * already.
 */
export function takeLock(directory: string, { name = 'agent.lock', pid = process.pid } = {}): Lock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, name);
  const draft = `${path}.${process.pid}`;
  const release = (): void => rmSync(path, { force: true });
  if (pid !== process.pid && textOf(path) === identify(pid)) return { kind: 'held', release };
  let holder = '';
  try {
    writeFileSync(draft, identify(pid), { mode: 0o600 });
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (attempted(() => linkSync(draft, path))) return { kind: 'held', release };
      holder = textOf(path);
      if (isAlive(holder)) break;
      // Nobody else may have taken it over since: then it is another text, which stays.
      if (textOf(path) === holder) rmSync(path, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return { kind: 'busy', pid: pidOf(holder) };
}

/** How long a process that lost its parent may take to end, and how often it is looked for, in milliseconds. */
const LONGEST_END_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/** Held by the agent, and by the process that works for it; one and the same but for a shift of `run`. */
export interface Locks {
  /** Whoever works now does not any more; with `all` there is no agent any more. */
  release(which: 'work' | 'all'): void;
}

/**
 * Both locks of the state directory; `pid` is that of the agent. A shift whose parent was killed may still be there: nothing is written
 * before it has ended.
 * @throws ConfigError
 */
export async function takeLocks(directory: string, pid = process.pid): Promise<Locks> {
  const agent = takeLock(directory, { pid });
  if (agent.kind === 'busy') throw busy(directory, agent.pid);
  const ends = performance.now() + LONGEST_END_MS;
  let work = takeLock(directory, { name: 'work.lock' });
  while (work.kind === 'busy' && performance.now() < ends) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    work = takeLock(directory, { name: 'work.lock' });
  }
  if (work.kind === 'busy') {
    agent.release();
    throw busy(directory, work.pid);
  }
  const { release } = work;
  return {
    release(which) {
      release();
      if (which === 'all') agent.release();
    },
  };
}

function busy(directory: string, pid: number): ConfigError {
  return new ConfigError(`Another agent (process ${pid}) works on ${directory}: stop it first.`);
}

function isAlive(holder: string): boolean {
  const pid = pidOf(holder);
  const exists = textOf(`/proc/${pid}/stat`) !== '' || attempted(() => process.kill(pid, 0));
  return pid > 0 && exists && holder === identify(pid);
}

/**
 * The number and the start of a process (starttime, the 22nd field of proc(5)): numbers come back, after a reboot above all. One that ended
 * and was not waited for has no start: where nobody does that it is there as long as the machine.
 */
function identify(pid: number): string {
  const [, start = ''] = /\) [^ZX](?: \S+){18} (\S+)/.exec(textOf(`/proc/${pid}/stat`)) ?? [];
  return `${pid} ${start} ${textOf('/proc/sys/kernel/random/boot_id').trim()}`;
}

function pidOf(holder: string): number {
  return Number(holder.split(' ')[0]) || 0;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function attempted(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

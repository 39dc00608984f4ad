// Two agents on one state directory would overwrite each other's counters: the second one is told who holds it. A lock whose
// process is gone (killed, power lost, number given to another process since) is taken over.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from './file-system.ts';

const NAME = 'agent.lock';
const ATTEMPTS = 5;

/** A held lock, or the process that holds it. */
export type Lock = { readonly kind: 'held'; release(): void } | { readonly kind: 'busy'; readonly pid: number };

/** The lock of the state directory is ours afterwards, or its living holder is named. */
export function takeLock(directory: string): Lock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, NAME);
  const mine = identify(process.pid);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (linked(draft, path)) return { kind: 'held', release: () => rmSync(path, { force: true }) };
      const holder = readHolder(path);
      if (holder !== null && isAlive(holder)) return { kind: 'busy', pid: pidOf(holder) };
      if (holder !== null) clear(path, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return { kind: 'busy', pid: pidOf(readHolder(path) ?? '') };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function readHolder(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Moved away first and looked at again: another agent may have taken the lock over in the meantime, and keeps it. */
function clear(path: string, stale: string): void {
  const away = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, away);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if (readHolder(away) !== stale) linked(away, path);
  rmSync(away, { force: true });
}

function isAlive(holder: string): boolean {
  const pid = pidOf(holder);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return pid > 0 && identify(pid) === holder;
}

/** The number and the start of a process: numbers come back, after a reboot above all. */
function identify(pid: number): string {
  return `${pid} ${startOf(pid)}`;
}

function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return `${boot} ${fields[19]}`; // starttime, the 22nd field of proc(5); two of them stand before the ")"
  } catch {
    return '-';
  }
}

function pidOf(holder: string): number {
  return Number(holder.split(' ')[0]) || 0;
}

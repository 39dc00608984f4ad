// Two agents on one state directory would overwrite each other's counters: the second one is told who holds it. A lock whose
// process is gone (killed, power lost, its number given to another process since) is taken over.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ATTEMPTS = 3;

/** A held lock, or the process that holds it. */
export type Lock = { readonly kind: 'held'; release(): void } | { readonly kind: 'busy'; readonly pid: number };

/** The lock of the state directory is ours afterwards, or its living holder is named. */
export function takeLock(directory: string): Lock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'agent.lock');
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, identify(process.pid), { mode: 0o600 });
  let holder = '';
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (attempted(() => linkSync(draft, path))) return { kind: 'held', release: () => rmSync(path, { force: true }) };
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

function isAlive(holder: string): boolean {
  const pid = pidOf(holder);
  const exists = textOf(`/proc/${pid}/stat`) !== '' || attempted(() => process.kill(pid, 0));
  return pid > 0 && exists && holder === identify(pid);
}

/** The number and the start of a process (starttime, the 22nd field of proc(5)): numbers come back, after a reboot above all. */
function identify(pid: number): string {
  const [, start = ''] = /\) \S(?: \S+){18} (\S+)/.exec(textOf(`/proc/${pid}/stat`)) ?? [];
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

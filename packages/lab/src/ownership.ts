/**
 * Names that say which process made a thing, so that what a crashed run left behind can be told from what is in use:
 * `windlass-<pid>-<start time of that process>-...`. The start time makes a pid that is used again another owner.
 */
import { readFileSync } from 'node:fs';

/** The beginning of every name that belongs to this process. */
export function ownPrefix(): string {
  return `windlass-${process.pid}-${startTime(process.pid) ?? 0}`;
}

/** True when the name carries our prefix and its owner is dead. Always false where /proc does not tell (not Linux). */
export function isAbandoned(name: string): boolean {
  const [, pid, started] = /^windlass-(\d+)-(\d+)-/.exec(name) ?? [];
  return pid !== undefined && startTime(process.pid) !== undefined && startTime(Number(pid)) !== started;
}

// proc(5): field 22 of stat, counted after the command name, which may itself contain spaces.
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** What Linux knows of a process: CPU time and resident memory, from /proc. @see proc(5) */
import { readdir, readFile } from 'node:fs/promises';

/** USER_HZ: the unit of times in /proc, the same on every Linux architecture that Node supports, whatever CONFIG_HZ is. */
const ticksPerSecond = 100;

export interface ProcessStat {
  readonly parent: number;
  /** User and system time of all threads of this process, without its children. */
  readonly cpuSeconds: number;
}

/** The text of /proc/PID/stat. @throws when it is none */
export function parseStat(text: string): ProcessStat {
  // The command's name, in parentheses, may itself hold spaces and parentheses; field 3 begins after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  if (parent === undefined || user === undefined || system === undefined || Number.isNaN(parent + user + system)) {
    throw new Error('this is not the text of /proc/PID/stat');
  }
  return { parent, cpuSeconds: (user + system) / ticksPerSecond };
}

/** Resident memory in bytes, from the text of /proc/PID/status. @throws when it has none (kernel thread, zombie) */
export function parseResidentBytes(text: string): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new Error('this process has no resident memory: it has ended');
  return Number(kilobytes) * 1024;
}

/** CPU seconds of a process and of its direct children that are alive: of a server, and of its workers. Linux only. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(all.map(async (one) => ({ pid: one, stat: await statOf(one) })));
  const family = stats.filter((one) => one.pid === pid || one.stat?.parent === pid);
  if (!family.some((one) => one.pid === pid && one.stat !== undefined)) throw new Error(`process ${pid} has ended`);
  return family.reduce((sum, { stat }) => sum + (stat?.cpuSeconds ?? 0), 0);
}

/** Resident memory of one process in bytes. Linux only. */
export async function residentBytesOf(pid: number): Promise<number> {
  return parseResidentBytes(await readFile(`/proc/${pid}/status`, 'utf8'));
}

// Processes come and go while /proc is read.
async function statOf(pid: number): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseStat(text);
}

/** How often the main thread of a process went to sleep by itself, from the text of /proc/PID/status. @throws when it does not say */
export function parseVoluntarySwitches(text: string): number {
  const count = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(text)?.[1];
  if (count === undefined) throw new Error('this is not the text of /proc/PID/status');
  return Number(count);
}

/** The same of one process. Linux only. */
export async function voluntarySwitchesOf(pid: number): Promise<number> {
  return parseVoluntarySwitches(await readFile(`/proc/${pid}/task/${pid}/status`, 'utf8'));
}

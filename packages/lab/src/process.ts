/**
 * Long-running programs of the lab: in the foreground, with a log file of their own, ready when polling says so, ended by pid.
 * Nothing here searches for processes by name.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface StartOptions {
  /** For error texts. Default: the program's name. */
  readonly name?: string;
  readonly argv: readonly string[];
  /** Standard output and standard error of the program. Begun anew: readiness must not be read from an earlier run. */
  readonly logFile: string;
  /** Polled every 20 ms until it says true. */
  readonly ready: (process: RunningProcess) => Promise<boolean>;
  /** Default 20 000 ms. */
  readonly readyWithinMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** How `stop` begins; default SIGTERM. SIGKILL for programs that take their time and whose files are thrown away anyway. */
  readonly stopSignal?: 'SIGTERM' | 'SIGKILL';
}

export interface RunningProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the program has ended, with its exit code (undefined: killed by a signal). */
  readonly ended: Promise<number | undefined>;
  readonly log: () => Promise<string>;
  /** The program has ended: `stopSignal`, and KILL when that does not help within 3 s. Safe to call again. */
  readonly stop: () => Promise<void>;
}

const pollMs = 20;
const termDeadlineMs = 3_000;

/** The program is running and ready. @throws with the end of its log when it ends early or is not ready in time; it is stopped then. */
export async function startProcess(options: StartOptions): Promise<RunningProcess> {
  const [command = '', ...rest] = options.argv;
  const name = options.name ?? basename(command);
  const log = openSync(options.logFile, 'w', 0o600);
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const running = await describeChild(child, name, options);
  await untilReady(running, name, options).catch(async (error: unknown) => {
    await running.stop();
    throw error;
  });
  return running;
}

async function describeChild(child: ChildProcess, name: string, options: StartOptions): Promise<RunningProcess> {
  const { logFile, stopSignal = 'SIGTERM' } = options;
  const ended = new Promise<number | undefined>((resolve) => child.once('exit', (code) => resolve(code ?? undefined)));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`${name} cannot be started: is it installed?`, { cause })));
  });
  return {
    pid: child.pid ?? 0,
    logFile,
    ended,
    log: () => readFile(logFile, 'utf8'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(stopSignal);
      const timer = setTimeout(() => child.kill('SIGKILL'), termDeadlineMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function untilReady(running: RunningProcess, name: string, options: StartOptions): Promise<void> {
  const deadline = Date.now() + (options.readyWithinMs ?? 20_000);
  let ended = false;
  void running.ended.then(() => {
    ended = true;
  });
  for (;;) {
    if (ended) throw new Error(`${name} ended with ${await running.ended} at its start:\n${await tail(running)}`);
    if (await options.ready(running)) return;
    if (Date.now() > deadline) throw new Error(`${name} was not ready in time:\n${await tail(running)}`);
    await sleep(pollMs);
  }
}

async function tail(running: RunningProcess): Promise<string> {
  return (await running.log()).split('\n').slice(-20).join('\n');
}

/** Ready when the log contains `text`. */
export function logContains(text: string): StartOptions['ready'] {
  return async (running) => (await running.log()).includes(text);
}

/**
 * Ready when something listens on every one of these TCP ports in the program's network namespace. Looks at the kernel's table
 * and never connects: a connection straight to squid's `intercept` port stops squid. Linux only.
 */
export function listensOn(...ports: readonly number[]): StartOptions['ready'] {
  return async (running) => {
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((file) => readFile(`/proc/${running.pid}/net/${file}`, 'utf8').catch(() => '')),
    );
    const listening = new Set(tables.join('\n').split('\n').flatMap(listeningPort));
    return ports.every((port) => listening.has(port));
  };
}

// proc_pid_net(5): local address is the second column, hexadecimal; state 0A is LISTEN.
function listeningPort(line: string): number[] {
  const [, local = '', , state] = line.trim().split(/\s+/);
  return state === '0A' ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
}

/** The argv that runs a script beside the caller (`import.meta.url`), from its source in tests and from the build otherwise. */
export function nodeScript(callerUrl: string, nameWithoutSuffix: string): readonly string[] {
  const suffix = callerUrl.endsWith('.ts') ? '.ts' : '.js';
  return [process.execPath, fileURLToPath(new URL(`${nameWithoutSuffix}${suffix}`, callerUrl))];
}

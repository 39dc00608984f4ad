/** Network namespaces of labs: made, emptied, removed; those of crashed labs too. Names: see ownership.ts. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbandoned, ownPrefix } from './ownership.ts';
import { mustRun, runCommand } from './run-command.ts';

const namespacesDirectory = '/run/netns';
const filesDirectory = '/etc/netns';
let counter = 0;

/** A prefix for the namespaces of one lab, never used before by any process of this boot. */
export function newNamespacePrefix(): string {
  counter += 1;
  return `${ownPrefix()}-${counter}`;
}

/** The namespace exists, its loopback is up, and programs in it see these files as /etc/hosts and so on. */
export async function addNamespace(name: string, etc: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(filesDirectory, name), { recursive: true });
  for (const [file, text] of Object.entries(etc)) await writeFile(join(filesDirectory, name, file), text);
  await mustRun(['ip', 'netns', 'add', name]);
  await mustRun(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  // Duplicate address detection costs two seconds and cannot find anything here. Fails without harm where IPv6 is off.
  await runCommand(inKernel(name, 'ipv6/conf/default/accept_dad', '0'));
}

/** The argv that sets a value under /proc/sys/net in that namespace. */
export function inKernel(namespace: string, setting: string, value: string): readonly string[] {
  return ['ip', 'netns', 'exec', namespace, 'sh', '-c', `echo ${value} >/proc/sys/net/${setting}`];
}

/** The namespace, every process still in it, and its files are gone. Nothing happens when it was gone before. */
export async function removeNamespace(name: string): Promise<void> {
  await endProcessesIn(name);
  await runCommand(['ip', 'netns', 'delete', name]);
  await rm(join(filesDirectory, name), { recursive: true, force: true });
}

/** Of labs whose maker is dead, namespaces, the processes in them and temporary files are gone. Those of living makers are left alone. */
export async function removeLeftovers(): Promise<void> {
  const [running, files] = await Promise.all([namesIn(namespacesDirectory), namesIn(filesDirectory)]);
  for (const name of new Set([...running, ...files])) {
    if (isAbandoned(name)) await removeNamespace(name);
  }
  for (const directory of [tmpdir(), '/dev/shm']) {
    for (const name of await namesIn(directory)) {
      if (isAbandoned(name)) await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

async function endProcessesIn(name: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (let signal: NodeJS.Signals = 'SIGTERM'; Date.now() < deadline; signal = 'SIGKILL') {
    const pids = await pidsIn(name);
    if (pids.length === 0) return;
    for (const pid of pids) sendSignal(pid, signal);
    await sleep(50);
  }
}

async function pidsIn(name: string): Promise<readonly number[]> {
  const { stdout } = await runCommand(['ip', 'netns', 'pids', name]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the listing and the signal.
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}

/** What scenarios share: an organization with a network, approved CAs, and the agent's answers as data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess } from '../process.ts';
import type { CommandResult } from '../run-command.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import type { Device, Installation } from '../windlass/installation.ts';
import { createLoopbackWorld, type LoopbackWorld } from '../windlass/loopback-world.ts';

export const organization = ['--organization', 'acme'] as const;
export const network = [...organization, '--network', 'plant-a'] as const;

/** What the agent says with `--json`, as far as scenarios look at it. */
export interface AgentSays {
  readonly outcome: string;
  readonly code?: string;
  readonly cause?: string;
  readonly stage?: string;
  /** The explicit proxy that was asked, and what it would take where it refused. */
  readonly explicitProxy?: { readonly schemes?: readonly string[] };
  /** What is wrong although an answer came, by the word of the protocol's list. */
  readonly trouble?: string;
  /** Where a profile failed. */
  readonly endpoint?: string;
  readonly rung: number | null;
  readonly failure: string | null;
  readonly interceptedBy: string | null;
  readonly inspectionCas: readonly {
    readonly subject: string;
    readonly fingerprint: string;
    readonly permittedNames: readonly string[];
    readonly until: string;
  }[];
  readonly stores: readonly {
    readonly name: string;
    readonly state: string;
    readonly scopeEnforced: boolean;
    readonly anchors: readonly string[];
    readonly detail?: string;
  }[];
  readonly removed: readonly string[];
  readonly endpoints: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly ok: boolean;
    readonly stage: string;
    readonly detail: string;
  }[];
  readonly reported: boolean;
  readonly systemClock: string | null;
}

/** One `windlass-agent bootstrap`: exit code and what it said. @throws when it did not print JSON */
export async function bootstrap(
  device: Device,
  more: { readonly node?: string; readonly env?: Readonly<Record<string, string>>; readonly deadlineMs?: number } = {},
): Promise<AgentSays & { readonly exit: number | undefined }> {
  const result = await device.agent('bootstrap', { args: ['--json'], ...more });
  return { ...parseSaid(result), exit: result.code };
}

function parseSaid(result: CommandResult): AgentSays {
  try {
    return JSON.parse(result.stdout) as AgentSays;
  } catch {
    throw new Error(`the agent ended with ${result.code} and said: ${result.stderr}${result.stdout}`);
  }
}

/** A loopback world whose service runs and knows an organization. */
export interface ServedWorld extends LoopbackWorld {
  /** Private directory of this world. */
  readonly directory: string;
  /** kill -9; resolves when the process is gone. */
  readonly killService: () => Promise<void>;
  /** The service runs again after it was killed. */
  readonly serveAgain: () => Promise<void>;
}

/** The world is up, with acme and its network plant-a, and nothing approved. `close` leaves no process and no file. */
export async function startServedWorld(purpose: string): Promise<ServedWorld> {
  const directory = await createTemporaryDirectory(purpose);
  const world = await createLoopbackWorld(directory.path);
  let served = await world.installation.serve();
  await prepareOrganization(world.installation);
  return {
    ...world,
    directory: directory.path,
    killService: async () => {
      process.kill(served.pid, 'SIGKILL');
      await served.ended;
    },
    serveAgain: async () => {
      served = await world.installation.serve();
    },
    close: async () => {
      await served.stop();
      await world.close();
      await directory.remove();
    },
  };
}

/** The service knows the factory, an organization `acme` and its network `plant-a`. */
export async function prepareOrganization({ windlass, manufacturerFile }: Installation): Promise<void> {
  await windlass('manufacturer', 'add', 'gizmo', '--certificate', manufacturerFile);
  await windlass('organization', 'add', 'acme');
  await windlass('network', 'add', 'plant-a', ...organization);
}

/** acme's approver lets this CA in for every name under .example, and publishes. */
export async function approve(
  { windlass }: Installation,
  caFile: string,
  permit: readonly string[] = ['example'],
): Promise<void> {
  await windlass('inspection-ca', 'add', caFile, ...permit.flatMap((name) => ['--permit', name]), ...network);
  await windlass('inspection-ca', 'approve', '--certificate', caFile, ...network);
  await windlass('profile', 'publish', ...network);
}

/** The device belongs to acme and is assigned to plant-a. */
export async function claim({ windlass }: Installation, serial: string): Promise<void> {
  await windlass('claim', 'add', '--serial', serial, ...network);
}

/** What a command lists. */
export async function list(
  installation: Installation,
  ...args: readonly string[]
): Promise<readonly Record<string, unknown>[]> {
  const answer = await installation.windlass(...args);
  const items = Array.isArray(answer)
    ? answer
    : ((answer as { items?: unknown; entries?: unknown }).items ?? (answer as { entries?: unknown }).entries);
  if (!Array.isArray(items)) throw new Error(`windlass ${args.join(' ')} printed no list`);
  return items as readonly Record<string, unknown>[];
}

/** Resolves when the log of a running agent has a line about this outcome after `from` characters; with the log's length then. */
export async function untilAgentSays(
  agent: RunningProcess,
  outcome: string,
  from = 0,
  withinMs = 45_000,
): Promise<{ readonly said: AgentSays; readonly length: number }> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const log = (await agent.log()).slice(from);
    for (const line of log.split('\n')) {
      if (!line.startsWith('{')) continue;
      const said = JSON.parse(line) as AgentSays;
      if (said.outcome === outcome) return { said, length: from + log.length };
    }
    if (Date.now() > deadline) throw new Error(`the running agent did not say "${outcome}" in time; its log:\n${log}`);
    await sleep(50);
  }
}

/** What the device will never go below, as its state file says. */
export interface DeviceFloors {
  readonly time: string;
  readonly generation: number;
  readonly ownership: number;
  readonly networks: Readonly<Record<string, { readonly sequence: number }>>;
}

/** The floors on the device's disk. */
export function floorsOf(device: Device): DeviceFloors {
  const file = JSON.parse(readFileSync(join(device.directory, 'state', 'state.json'), 'utf8')) as {
    readonly state: { readonly floors: DeviceFloors };
  };
  return file.state.floors;
}

/**
 * Many agents in one process: `node agents-main.js PLAN.json`. Each is the built agent with its real transport, its own identity and its
 * own state on the disk, under its own supervisor. Prints `ready`, waits for the start file, and then a line of JSON for each event.
 */
import { readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Seen } from './arrivals.ts';

export interface FleetDevice {
  readonly serial: string;
  readonly directory: string;
  /** `none`: the jitter is taken out, as a control. */
  readonly chance: 'random' | 'none';
}

/** What the process reads from its file. */
export interface AgentsPlan {
  /** The agent's package, built. */
  readonly agentPackage: string;
  readonly devices: readonly FleetDevice[];
  /** When it is there, all begin. */
  readonly startFile: string;
}

// A black box but for what a program on a device would use of it.
interface Core {
  openAgent(config: object, options: object): object;
}
type Run = (agent: object, options: object) => Promise<void>;

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as AgentsPlan;
const part = (file: string): Promise<unknown> => import(join(plan.agentPackage, 'dist', file));
const core = (await part('core.js')) as Core;
const { readConfig } = (await part('command-line/config/config.js')) as { readConfig(file: string): object };
const { createRun } = (await part('run/run.js')) as { createRun(core: Core): Run };
const run = createRun(core);

const agents = plan.devices.map(({ serial, directory, chance }) => ({ agent: openDevice(serial, directory), chance }));
console.log('ready');
while (!(await exists(plan.startFile))) await sleep(10);
await Promise.all(
  agents.map(({ agent, chance }) =>
    run(agent, {
      stopped: new Promise(() => undefined),
      sleep: (seconds: number) => sleep(seconds * 1000),
      chance: chance === 'random' ? Math.random : () => 0,
    }),
  ),
);

function openDevice(serial: string, directory: string): object {
  const say = (seen: Seen): void => console.log(JSON.stringify(seen));
  const tell = (event: { readonly kind: string; readonly result?: { readonly outcome: string } }): void => {
    const at = performance.timeOrigin + performance.now();
    if (event.kind === 'path') say({ kind: 'asked', serial, at });
    if (event.kind === 'ended') say({ kind: 'told', serial, at, outcome: event.result?.outcome ?? '' });
  };
  return core.openAgent(readConfig(join(directory, 'agent.json')), { tell, change: 'allowed' });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

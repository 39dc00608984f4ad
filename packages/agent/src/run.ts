// The agent as a service of the device: carries out what the supervisor decides.
import type { Agent } from './agent.ts';
import { bootstrap } from './bootstrap.ts';
import { fillStores } from './stores.ts';
import { SUPERVISOR_START, type SupervisorEffect, type SupervisorEvent, startOf, step } from './supervisor.ts';
import { removedSince, standingNow } from './visit.ts';

export interface RunOptions {
  /** Resolves when the agent is to end. */
  readonly stopped: Promise<void>;
  /** Waits; ends early when `stopped` resolves. */
  sleep(seconds: number): Promise<void>;
  /** In [0, 1). */
  chance(): number;
}

/** How long the agent sleeps at most before it looks at the time again, in seconds. */
const LONGEST_SLEEP_SECONDS = 3_600;

/** Ends when it is told to; until then the device is kept as the service and the dates say. */
export async function runAgent(agent: Agent, options: RunOptions): Promise<void> {
  const end = options.stopped.then(() => null);
  const { clock, state: remembered } = agent;
  const left = (remembered.current.notBefore ?? 0) - clock.read().time;
  let event: SupervisorEvent | null = startOf(clock.uptime(), options.chance(), left);
  let state = SUPERVISOR_START;
  while (event) {
    const decided = step(state, event);
    state = decided.state;
    event = await Promise.race([end, decided.effect && carryOut(agent, options, decided.effect)]);
  }
}

async function carryOut(agent: Agent, options: RunOptions, effect: SupervisorEffect): Promise<SupervisorEvent> {
  if (effect.kind === 'wake') return wake(agent, options, effect.at);
  const { next } = await bootstrap(agent);
  return { kind: 'exchanged', now: agent.clock.uptime(), chance: options.chance(), next };
}

/** Sleeps until then, or until the trust changes by its dates; what ended is dropped at once, without asking anybody. */
async function wake(agent: Agent, { sleep }: RunOptions, at: number): Promise<SupervisorEvent> {
  const { clock } = agent;
  const before = standingNow(agent);
  const untilChange = before.changes === null ? LONGEST_SLEEP_SECONDS : before.changes - clock.read().time + 1;
  await sleep(Math.max(0, Math.min(at - clock.uptime(), untilChange, LONGEST_SLEEP_SECONDS)));
  const after = standingNow(agent);
  const keys = removedSince(before, after);
  const now = clock.uptime();
  if (keys.length === 0) return { kind: 'timer', now };
  fillStores(agent, after); // spec C4
  agent.tell({ kind: 'dropped', keys });
  return { kind: 'trust-ended', now };
}

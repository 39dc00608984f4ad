// The agent as a service of the device: carries out what the supervisor decides.
import type { Agent } from '../agent.ts';
import type * as core from '../core.ts';
import {
  type Happening,
  SUPERVISOR_START,
  type SupervisorEffect,
  type SupervisorEvent,
  type SupervisorState,
  step,
} from './supervisor.ts';

/** What it needs of the core, which is handed over: the core's own exports. */
export type RunCore = Pick<typeof core, 'bootstrap' | 'standingNow' | 'removedSince' | 'fillStores' | 'unixSeconds'>;

export interface RunOptions {
  /** Resolves when the agent is to end. */
  readonly stopped: Promise<void>;
  /** Waits; ends early when `stopped` resolves. */
  sleep(seconds: number): Promise<void>;
  /** In [0, 1). */
  chance(): number;
  /** What happened around the device since the last look, or null; looked at once a minute. */
  look?(): Happening | null;
}

/** How long the agent sleeps at most before it looks at the time again, in seconds. */
const LONGEST_SLEEP_SECONDS = 3_600;
/** The same where it looks at the network too. */
const LOOK_SECONDS = 60;
/** How much of the time that it ran may be lost with the power, in seconds: storage wears out by writing. @see spec T7 */
const LONGEST_UNKEPT_SECONDS = 6 * 3_600;

/** Over the core: ends when it is told to; until then the device is kept as the service and the dates say. */
export function createRun(parts: RunCore): (agent: Agent, options: RunOptions) => Promise<void> {
  return (agent, options) => run({ ...parts, agent }, options);
}

interface Run extends RunCore {
  readonly agent: Agent;
}

async function run(running: Run, options: RunOptions): Promise<void> {
  const end = options.stopped.then(() => null);
  /** Those who look do it at moments of their own, so that a fleet does not see a change in the same second. */
  const offset = options.chance() * LOOK_SECONDS;
  let event: SupervisorEvent | null = startOf(running.agent, options.chance());
  let state = SUPERVISOR_START;
  while (event) {
    const decided = step(state, event);
    state = decided.state;
    event = await Promise.race([
      end,
      decided.effect && carryOut(running, { ...options, offset }, state, decided.effect),
    ]);
  }
  keepTime(running.agent);
}

/** The time that the agent ran counts after a restart too. @see spec T7 */
function keepTime({ clock, state }: Agent): void {
  state.commit({ ...state.current, time: clock.kept() }); // spec T7
}

/** What an earlier run left counts in this one. @see spec L8 */
function startOf({ clock, state: { current } }: Agent, chance: number): SupervisorEvent {
  const until = (time = 0): number => time - clock.read().time;
  const [left, owed] = [until(current.notBefore), until(current.rested)];
  return { kind: 'started', now: clock.uptime(), chance, left, owed, isKnown: current.outcome !== null };
}

async function carryOut(
  running: Run,
  options: RunOptions & { readonly offset: number },
  state: SupervisorState,
  effect: SupervisorEffect,
): Promise<SupervisorEvent> {
  if (effect.kind === 'wake') return wake(running, options, effect.at);
  const { agent, bootstrap } = running;
  remember(running, state);
  const { next } = await bootstrap(agent);
  return { kind: 'exchanged', now: agent.clock.uptime(), chance: options.chance(), next };
}

/** How much of the allowance is used is durable before the exchange, which may end by a loss of power. @see spec L8 */
function remember({ agent: { clock, state }, unixSeconds }: Run, { rested }: SupervisorState): void {
  const time = unixSeconds(Math.ceil(clock.read().time + rested - clock.uptime()));
  state.commit({ ...state.current, rested: time }); // spec L8
}

/** Sleeps until then, or until the trust changes by its dates, or until it is time to look around; what ended is dropped at once, without asking anybody. */
async function wake(
  { agent, standingNow, removedSince, fillStores }: Run,
  { sleep, chance, look, offset }: Parameters<typeof carryOut>[1],
  at: number,
): Promise<SupervisorEvent> {
  const { clock } = agent;
  const before = standingNow(agent);
  const untilChange = before.changes === null ? LONGEST_SLEEP_SECONDS : before.changes - clock.read().time + 1;
  const untilLook = look ? LOOK_SECONDS - ((clock.uptime() + offset) % LOOK_SECONDS) : LONGEST_SLEEP_SECONDS;
  await sleep(Math.max(0, Math.min(at - clock.uptime(), untilChange, untilLook)));
  const after = standingNow(agent);
  const keys = removedSince(before, after);
  const now = clock.uptime();
  const happened = look?.();
  if (keys.length > 0 || clock.kept() - agent.state.current.time > LONGEST_UNKEPT_SECONDS) keepTime(agent);
  if (keys.length > 0) {
    fillStores(agent, after); // spec C4
    agent.tell({ kind: 'dropped', keys });
  }
  if (happened) agent.tell({ kind: 'noticed', happened });
  const kind = happened ?? (keys.length > 0 ? 'trust-ended' : null);
  return kind ? { kind, now, chance: chance() } : { kind: 'timer', now };
}

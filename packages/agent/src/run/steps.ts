// What the agent does between two times of waiting, as steps from one waiting to the next: a process may wait for another one.
import type { Digest } from '@windlass/protocol';
import type { Agent } from '../agent.ts';
import type * as core from '../core.ts';
import { isRollover } from './rollover.ts';
import { type Happening, SUPERVISOR_START, type SupervisorEvent, type SupervisorState, step } from './supervisor.ts';

/** What it needs of the core, which is handed over: the core's own exports. */
export type RunCore = Pick<typeof core, 'bootstrap' | 'standingNow' | 'keysOf' | 'fillStores' | 'unixSeconds'>;

/** All that is remembered while nothing is done; plain data. */
export interface Waiting {
  readonly state: SupervisorState;
  /** When the agent has to do something, if nothing happens before; by its clock's uptime. */
  readonly until: number;
  /** SPKI digests of the anchors of ours that are in the stores. */
  readonly keys: readonly Digest[];
}

export interface Steps {
  /** From the start of a run; what an earlier one left counts. @see spec L8 */
  begin(agent: Agent): Promise<Waiting>;
  /** The time has come, or something happened around the device; what ended meanwhile is dropped at once, without asking anybody. */
  goOn(agent: Agent, before: Waiting, happened: Happening | null): Promise<Waiting>;
  /** The time that the agent ran counts after a restart too. @see spec T7 */
  end(agent: Agent): void;
}

/** How much of the time that it ran may be lost with the power, in seconds: storage wears out by writing. @see spec T7 */
const LONGEST_UNKEPT_SECONDS = 6 * 3_600;

/** `chance` gives numbers in [0, 1). */
export function createSteps(parts: RunCore, chance: () => number): Steps {
  return {
    begin: (agent) => follow({ ...parts, agent, chance }, SUPERVISOR_START, startOf(agent, chance())),
    goOn: (agent, before, happened) => {
      const running = { ...parts, agent, chance };
      return follow(running, before.state, wokenBy(running, before, happened));
    },
    end: keepTime,
  };
}

interface Running extends RunCore {
  readonly agent: Agent;
  readonly chance: () => number;
}

function startOf({ clock, state: { current } }: Agent, chance: number): SupervisorEvent {
  const until = (time = 0): number => time - clock.read().time;
  const [left, owed] = [until(current.notBefore), until(current.rested)];
  return { kind: 'started', now: clock.uptime(), chance, left, owed, isKnown: current.outcome !== null };
}

/** Does what the supervisor decides, until it decides to wait. */
async function follow(running: Running, before: SupervisorState, first: SupervisorEvent): Promise<Waiting> {
  const { agent, bootstrap, chance } = running;
  let decided = step(before, first);
  while (decided.effect?.kind === 'exchange') {
    remember(running, decided.state);
    const result = await bootstrap(agent);
    const { next: asked } = result;
    const next = asked.kind === 'refresh' ? { ...asked, isUnsettled: await isRollover(result) } : asked;
    decided = step(decided.state, { kind: 'exchanged', now: agent.clock.uptime(), chance: chance(), next });
  }
  return waiting(running, decided.state);
}

/** How much of the allowance is used is durable before the exchange, which may end by a loss of power. @see spec L8 */
function remember({ agent: { clock, state }, unixSeconds }: Running, { rested }: SupervisorState): void {
  const time = unixSeconds(Math.ceil(clock.read().time + rested - clock.uptime()));
  state.commit({ ...state.current, rested: time }); // spec L8
}

/** Until the next exchange is due, or the trust changes by its dates, or the time is to be written down. */
function waiting({ agent, standingNow, keysOf }: Running, state: SupervisorState): Waiting {
  const { clock } = agent;
  const standing = standingNow(agent);
  const now = clock.uptime();
  const change = standing.changes === null ? state.due : now + standing.changes - clock.read().time + 1;
  return { state, until: Math.min(state.due, change, now + LONGEST_UNKEPT_SECONDS), keys: keysOf(standing) };
}

function wokenBy(
  { agent, chance, standingNow, keysOf, fillStores }: Running,
  before: Waiting,
  happened: Happening | null,
): SupervisorEvent {
  const { clock, state, tell } = agent;
  const standing = standingNow(agent);
  const kept = keysOf(standing);
  const keys = before.keys.filter((key) => !kept.includes(key));
  if (keys.length > 0 || clock.kept() - state.current.time > LONGEST_UNKEPT_SECONDS) keepTime(agent);
  if (keys.length > 0) {
    fillStores(agent, standing); // spec C4
    tell({ kind: 'dropped', keys });
  }
  if (happened) tell({ kind: 'noticed', happened });
  const kind = happened ?? (keys.length > 0 ? 'trust-ended' : null);
  const now = clock.uptime();
  return kind ? { kind, now, chance: chance() } : { kind: 'timer', now };
}

function keepTime({ clock, state }: Agent): void {
  state.commit({ ...state.current, time: clock.kept() }); // spec T7
}

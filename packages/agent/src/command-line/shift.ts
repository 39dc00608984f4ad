// One shift of `windlass-agent run`: what there is to do between two times of waiting, in a process that ends with it.
import { unixSeconds } from '@windlass/protocol';
import { keysOf } from '../active-trust.ts';
import type { Agent } from '../agent.ts';
import { bootstrap } from '../bootstrap.ts';
import type { AgentClock } from '../clock.ts';
import type { ShiftMemory, ShiftOrder } from '../run/keep-running.ts';
import type { RunCore } from '../run/steps.ts';
import { fillStores } from '../stores.ts';
import { standingNow } from '../visit.ts';
import { loadRun } from './beside.ts';

/** What the run is handed of the core. */
export const RUN_CORE: RunCore = { bootstrap, standingNow, keysOf, fillStores, unixSeconds };

/**
 * The time runs on from where the shift before had it, but not from an earlier one than the state has: a shift that was ended may have
 * accepted a later time and left no word of it.
 * @see spec T7
 */
export function goOnFrom(clock: AgentClock, before: AgentClock['start']): void {
  if (before.time - before.at >= clock.start.time - clock.start.at) clock.start = before; // spec T5, T7
}

/** What is left to the next shift; `said` is the state as it was said last. */
export async function work(
  agent: Agent,
  { before, happened, isLast }: ShiftOrder,
  said: { readonly state: string },
): Promise<Omit<ShiftMemory, 'learned' | 'warned'> | null> {
  const { createSteps } = await loadRun();
  const steps = createSteps(RUN_CORE, Math.random);
  if (isLast) {
    steps.end(agent);
    return null;
  }
  const waiting = before ? await steps.goOn(agent, before.waiting, happened) : await steps.begin(agent);
  return { waiting, clock: agent.clock.start, said: said.state };
}

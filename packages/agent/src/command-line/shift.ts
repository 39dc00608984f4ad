// One shift of `windlass-agent run`: what there is to do between two times of waiting, in a process that ends with it.
import { unixSeconds } from '@windlass/protocol';
import { keysOf } from '../active-trust.ts';
import type { Agent } from '../agent.ts';
import { bootstrap } from '../bootstrap.ts';
import type { ShiftMemory, ShiftOrder } from '../run/keep-running.ts';
import type { RunCore } from '../run/steps.ts';
import { fillStores } from '../stores.ts';
import { standingNow } from '../visit.ts';
import { loadRun } from './beside.ts';

/** What the run is handed of the core. */
export const RUN_CORE: RunCore = { bootstrap, standingNow, keysOf, fillStores, unixSeconds };

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

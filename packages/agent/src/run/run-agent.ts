// The agent as a service of the device, in one process: it waits as long as each step says, and looks around meanwhile.
import type { Agent } from '../agent.ts';
import { createSteps, type RunCore, type Waiting } from './steps.ts';
import { createWait, type WaitOptions } from './wait.ts';

export type RunOptions = WaitOptions;

/** Over the core: ends when it is told to; until then the device is kept as the service and the dates say. */
export function createRun(parts: RunCore): (agent: Agent, options: RunOptions) => Promise<void> {
  return async (agent, options) => {
    const steps = createSteps(parts, options.chance);
    const wait = createWait(options, agent.clock.uptime);
    const goOn = async (before: Waiting): Promise<Waiting> => steps.goOn(agent, before, await wait.until(before.until));
    let waiting = await wait.orElse(steps.begin(agent));
    while (waiting) waiting = await wait.orElse(goOn(waiting));
    steps.end(agent);
  };
}

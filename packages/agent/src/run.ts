// The agent as a service of the device: carries out what the supervisor decides.
import type { Agent } from './agent.ts';
import { bootstrap } from './bootstrap.ts';
import type { Result } from './result.ts';
import { fillStores } from './stores.ts';
import { droppedText, stateText } from './story.ts';
import { SUPERVISOR_START, type SupervisorEffect, type SupervisorEvent, step } from './supervisor.ts';
import { removedSince, standingNow } from './visit.ts';

export interface RunOptions {
  /** A change of state. `result` is null where no exchange made it. */
  say(line: string, result: Result | null): void;
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
  const stop = options.stopped.then((): SupervisorEvent => ({ kind: 'stop' }));
  let state = SUPERVISOR_START;
  let event: SupervisorEvent | null = { kind: 'start', now: agent.clock.monotonicSeconds() };
  let result: Result | null = null;
  while (event) {
    const decided = step(state, event);
    state = decided.state;
    event = null;
    for (const effect of decided.effects) {
      if (effect.kind === 'say') options.say(effect.line, result);
      else event = await Promise.race([stop, carryOut(effect)]);
    }
  }

  async function carryOut(effect: Exclude<SupervisorEffect, { kind: 'say' }>): Promise<SupervisorEvent | null> {
    switch (effect.kind) {
      case 'end':
        return null;
      case 'exchange': {
        result = await bootstrap(agent);
        const now = agent.clock.monotonicSeconds();
        return { kind: 'exchanged', now, chance: options.chance(), said: stateText(result), next: result.next };
      }
      case 'wake':
        return wake(agent, options, effect.at);
    }
  }
}

/** Sleeps until then, or until the trust changes by its dates; what ended is dropped at once, without asking anybody. */
async function wake(agent: Agent, options: RunOptions, at: number): Promise<SupervisorEvent> {
  const before = standingNow(agent);
  const untilChange = before.changes === null ? LONGEST_SLEEP_SECONDS : before.changes - agent.clock.read().time + 1;
  const untilDue = at - agent.clock.monotonicSeconds();
  await options.sleep(Math.max(0, Math.min(untilDue, untilChange, LONGEST_SLEEP_SECONDS)));
  const now = agent.clock.monotonicSeconds();
  const ended = removedSince(before, standingNow(agent));
  if (ended.length === 0) return { kind: 'timer', now };
  fillStores(agent, standingNow(agent)); // spec C4
  for (const key of ended) options.say(`${droppedText(key)}: it has ended`, null);
  return { kind: 'trust-ended', now };
}

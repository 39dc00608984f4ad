// One shift of `windlass-agent run`: what there is to do between two times of waiting, in a process that ends with it.
import { unixSeconds } from '@windlass/protocol';
import { keysOf } from '../active-trust.ts';
import { bootstrap } from '../bootstrap.ts';
import type { AgentClock } from '../clock.ts';
import type { ShiftMemory, ShiftOrder } from '../run/keep-running.ts';
import { fillStores } from '../stores.ts';
import { standingNow } from '../visit.ts';
import { loadRun } from './beside.ts';
import { changesTo, type Say } from './changes.ts';
import { readConfig } from './config/config.ts';
import { explained } from './explained.ts';
import { takeLocks } from './lock.ts';
import { openToChange, tidyStores } from './open-to-change.ts';
import type { Terminal } from './terminal.ts';

/** The exit code of one shift of `run`, which is the process `agent`, and what it leaves to the next one. */
export async function runShift(
  order: ShiftOrder,
  agent: number,
  terminal: Terminal,
): Promise<{ readonly code: number; readonly memory: ShiftMemory | null }> {
  let memory: ShiftMemory | null = null;
  const code = await explained(terminal, async () => {
    memory = await work(order, agent, terminal);
    return 0;
  });
  return { code, memory };
}

/** How many warnings a shift remembers, so that the next one does not say them again. */
const MAX_WARNED = 32;

async function work(order: ShiftOrder, holder: number, terminal: Terminal): Promise<ShiftMemory | null> {
  const { before, happened, isLast } = order;
  const { warnings, ...config } = readConfig(order.config);
  const { learned = { open: {}, bad: [] }, warned = [], said: state = '' } = before ?? {};
  const wasSaid = new Set(warned);
  const warn = (warning: string): void => {
    if (!wasSaid.has(warning)) terminal.err(`warning: ${warning}`);
    wasSaid.add(warning);
  };
  if (!before) warnings.forEach(warn);
  const locks = await takeLocks(config.stateDirectory, holder);
  let isOver = true;
  try {
    const said = { state };
    const tell = changesTo(sayTo(terminal, order.json), config.identity.service, said);
    const agent = openToChange(config, { tell, warn, say: terminal.err, learned });
    if (before) goOnFrom(agent.clock, before.clock);
    tidyStores(agent, config, warn);
    const { createSteps } = await loadRun();
    const steps = createSteps({ bootstrap, standingNow, keysOf, fillStores, unixSeconds }, Math.random);
    if (isLast) {
      steps.end(agent);
      return null;
    }
    const waiting = before ? await steps.goOn(agent, before.waiting, happened) : await steps.begin(agent);
    isOver = false;
    return { waiting, clock: agent.clock.start, said: said.state, learned, warned: [...wasSaid].slice(-MAX_WARNED) };
  } finally {
    locks.release(isOver ? 'all' : 'work');
  }
}

/**
 * The time runs on from where the shift before had it, but not from an earlier one than the state has: a shift that was ended may have
 * accepted a later time and left no word of it.
 * @see spec T7
 */
export function goOnFrom(clock: AgentClock, before: AgentClock['start']): void {
  if (before.time - before.at >= clock.start.time - clock.start.at) clock.start = before; // spec T5, T7
}

function sayTo({ out }: Terminal, json: boolean): Say {
  return (said, more) => out(json ? JSON.stringify({ said, ...more }) : said);
}

/** How often an idle `windlass-agent run` wakes its device. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startBareNode, startInspectedService, startRun } from '../inspected-service.ts';
import { voluntarySwitchesOf } from '../process-figures.ts';
import type { Bench } from '../run-benchmark.ts';

const settleMs = 5_000;
const minutes = 3;
const lookEveryMs = 500;
/** A look at the network once a minute, and nothing else; one may be at the beginning and one at the end. */
const mostWakeUps = minutes + 1;

/** The moments at which the process did something are counted, beside those of a Node that has nothing to do. */
export async function measureIdle(bench: Bench): Promise<void> {
  const { makeDevice } = await startInspectedService(bench);
  const agent = await startRun(bench, await makeDevice('IDLE-0001'));
  const bare = await startBareNode(bench);
  await sleep(settleMs);
  bench.say(`counting wake-ups for ${minutes} minutes`);
  const [ours, theirs] = await Promise.all([wakeUps(agent.pid), wakeUps(bare.pid)]);
  const limit = { kind: 'hard', most: mostWakeUps } as const;
  const name = `wake-ups of windlass-agent run in ${minutes} minutes`;
  bench.report({ kind: 'measured', name, value: ours, unit: 'count', limit });
  bench.report({ kind: 'measured', name: 'the same of a bare Node', value: theirs, unit: 'count' });
}

/** How often the main thread was found to have run after it slept: what it does for one reason takes less than the time between two looks. */
async function wakeUps(pid: number): Promise<number> {
  const ends = performance.now() + minutes * 60_000;
  let count = 0;
  let wasAwake = false;
  let before = await voluntarySwitchesOf(pid);
  while (performance.now() < ends) {
    await sleep(lookEveryMs);
    const now = await voluntarySwitchesOf(pid);
    const isAwake = now !== before;
    if (isAwake && !wasAwake) count += 1;
    before = now;
    wasAwake = isAwake;
  }
  return count;
}

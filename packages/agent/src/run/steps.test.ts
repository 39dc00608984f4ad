// A run whose every step is done by another process: what one leaves to the next is plain data.
import { expect, test } from 'vitest';
import { at, createWorld, inspectionCaOf, NOW, profileOf } from '../../../protocol/src/testing/world.ts';
import type { AgentEvent } from '../agent.ts';
import * as core from '../core.ts';
import { createFakeService, DAY, type FakeService } from '../testing/fake-service.ts';
import { startAgent } from '../testing/test-agent.ts';
import { createSteps, type Waiting } from './steps.ts';

const world = createWorld();
const { begin, goOn } = createSteps(core, () => 0.5);

/** What a process leaves, and the next one of this machine, which has a clock at 1970, finds. */
interface Left {
  readonly waiting: Waiting;
  readonly clock: core.AgentClock['start'];
}

interface Machine {
  uptime: number;
  readonly told: string[];
}

async function nextStep(
  service: FakeService,
  machine: Machine,
  disk: core.FileSystem,
  left: Left | null,
): Promise<Left> {
  const agent = startAgent(service, { disk, monotonic: () => machine.uptime });
  const tell = ({ kind }: AgentEvent): void => {
    if (kind === 'dropped' || kind === 'noticed') machine.told.push(kind);
  };
  if (left) agent.clock.start = left.clock;
  const working = { ...agent, tell };
  const waiting = left ? await goOn(working, left.waiting, null) : await begin(working);
  return JSON.parse(JSON.stringify({ waiting, clock: agent.clock.start }));
}

test('[C4] with the service gone what ends is dropped at its end, by whoever works then, and told once', async () => {
  const service = createFakeService(world);
  const until = NOW + 10 * DAY;
  const inspectionCas = [inspectionCaOf(world.inspectionCa.der, { until: at(until) })];
  service.profiles.set('plant-a', {
    ca: world.inspectionCa,
    payload: profileOf(world, { inspectionCas }),
    chain: [world.publisher],
  });
  const machine: Machine = { uptime: 1_000, told: [] };
  const { disk, bundle } = startAgent(service, { monotonic: () => machine.uptime });
  let left = await nextStep(service, machine, disk, null);
  Object.assign(service.network, { https: 'timeout', http: 'timeout' });
  const started = machine.uptime;
  while (bundle().includes('windlass')) {
    expect(machine.uptime - started).toBeLessThan(11 * DAY);
    machine.uptime = Math.max(machine.uptime + 1, left.waiting.until);
    left = await nextStep(service, machine, disk, left);
  }
  expect(machine.told).toEqual(['dropped']);
  expect(machine.uptime - started).toBeGreaterThan(10 * DAY - 60);
  expect(left.waiting.keys).toEqual([]);
});

test('[L8] the hourly limit and the wait that was signed hold over all of them', async () => {
  const service = createFakeService(world);
  service.decision = { refreshAfterSeconds: 1 };
  const machine: Machine = { uptime: 1_000, told: [] };
  const { disk } = startAgent(service, { monotonic: () => machine.uptime });
  let left = await nextStep(service, machine, disk, null);
  for (const end = machine.uptime + 3_600; ; ) {
    machine.uptime = Math.max(machine.uptime + 0.1, left.waiting.until);
    if (machine.uptime > end) break;
    left = await nextStep(service, machine, disk, left);
  }
  expect(service.requests.length).toBeGreaterThan(50);
  expect(service.requests.length).toBeLessThanOrEqual(60);
});

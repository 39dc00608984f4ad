import { expect, test } from 'vitest';
import { at, claimOf, createWorld, inspectionCaOf, NOW, profileOf } from '../../protocol/src/testing/world.ts';
import type { AgentEvent } from './agent.ts';
import { stateText } from './command-line/story.ts';
import type { FileSystem } from './ports.ts';
import { resetAgent } from './reset.ts';
import { runAgent } from './run.ts';
import { createFakeService, DAY, type FakeService, SERVICE } from './testing/fake-service.ts';
import { startAgent, type TestAgent } from './testing/test-agent.ts';

const world = createWorld();

/** Runs the agent in time that passes at once; before each sleep the next of `steps` happens, and after the last one it is told to end. */
async function live(
  service: FakeService,
  steps: readonly (() => void)[],
  disk?: FileSystem,
): Promise<{ said: string[]; slept: number[]; agent: TestAgent }> {
  let seconds = 0;
  const said: string[] = [];
  const slept: number[] = [];
  const rest = [...steps];
  const agent = startAgent(service, { monotonic: () => seconds, ...(disk && { disk }) });
  let end = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    end = resolve;
  });
  const sleep = async (duration: number): Promise<void> => {
    const happens = rest.shift();
    if (!happens) {
      end();
      return new Promise(() => undefined);
    }
    slept.push(duration);
    seconds += duration;
    service.now += Math.ceil(duration);
    happens();
  };
  const tell = (event: AgentEvent): void => {
    if (event.kind === 'dropped') said.push(`dropped${agent.bundle().includes('windlass') ? ', not yet' : ''}`);
    if (event.kind !== 'ended') return;
    const state = stateText(event.result, SERVICE);
    if (state !== said.at(-1)) said.push(state);
  };
  await runAgent({ ...agent, tell }, { stopped, sleep, chance: () => 0.5 });
  return { said, slept, agent };
}

const nothing = (): void => undefined;

test('claimed while it is running, a device comes online by itself; released, it purges', async () => {
  const service = createFakeService(world);
  service.claim = null;
  service.decision = { retryAfterSeconds: 60 };
  const { said, slept, agent } = await live(service, [
    nothing,
    () => {
      service.claim = claimOf(world);
      service.decision = {};
    },
    ...new Array<() => void>(24).fill(nothing),
    () => {
      service.claim = claimOf(world, { organization: null, publishers: [], generation: 8, ownership: 4, epoch: 0 });
      service.decision = { outcome: 'unclaimed' };
    },
    ...new Array<() => void>(26).fill(nothing),
  ]);
  expect(said[0]).toMatch(/^unclaimed: .*; no inspection CA is trusted$/);
  expect(said[1]).toMatch(/^active; acme\/plant-a, trusted: "CN=Plant A proxy CA"$/);
  expect(said[2]).toMatch(/^unclaimed: /);
  expect(said).toHaveLength(3);
  expect(slept[0]).toBeGreaterThanOrEqual(60);
  expect(agent.bundle()).not.toContain('windlass');
});

test('[L8] started again, the agent waits for the time that the service signed before; after a reset it asks at once', async () => {
  const service = createFakeService(world);
  service.claim = null;
  service.decision = { retryAfterSeconds: 600 };
  const { agent } = await live(service, []);
  const again = await live(service, [nothing], agent.disk);
  expect(again.slept).toEqual([900]);
  expect(service.requests).toHaveLength(2);
  resetAgent(startAgent(service, { disk: agent.disk }));
  expect((await live(service, [], agent.disk)).said).toHaveLength(1);
  expect(service.requests).toHaveLength(3);
});

test('[C4] with the service gone an inspection CA is dropped at its end all the same, and the device goes on asking', async () => {
  const service = createFakeService(world);
  const until = NOW + 2 * DAY;
  const inspectionCas = [inspectionCaOf(world.inspectionCa.der, { until: at(until) })];
  service.profiles.set('plant-a', {
    ca: world.inspectionCa,
    payload: profileOf(world, { inspectionCas }),
    chain: [world.publisher],
  });
  const goes = (): void => void Object.assign(service.network, { https: 'timeout', http: 'timeout' });
  const { said, agent } = await live(service, [goes, ...new Array<() => void>(80).fill(nothing)]);
  const dropped = said.findIndex((line) => line.startsWith('dropped'));
  expect(dropped).toBeGreaterThan(0);
  expect(said[dropped]).not.toContain('not yet');
  expect(agent.bundle()).not.toContain('windlass');
  expect(agent.clock.read().time).toBeGreaterThan(until);
});

test('it looks at the time each hour, and asks nobody before that is due', async () => {
  const service = createFakeService(world);
  const { slept } = await live(service, new Array<() => void>(5).fill(nothing));
  expect(slept).toEqual(new Array(5).fill(3_600));
  expect(service.requests).toHaveLength(1);
});

test('the end of the running agent waits for nothing', async () => {
  const { said } = await live(createFakeService(world), []);
  expect(said).toHaveLength(1);
});

test('told to end in the middle of an exchange, it ends at once and starts no other', async () => {
  const service = createFakeService(world);
  const agent = startAgent(service);
  let end = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    end = resolve;
  });
  const connect = async (): Promise<never> => {
    end();
    return new Promise(() => undefined);
  };
  const transport = { ...agent.transport, connect };
  await runAgent({ ...agent, transport }, { stopped, sleep: async () => undefined, chance: () => 0 });
  expect(service.requests).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { at, claimOf, createWorld, inspectionCaOf, NOW, profileOf } from '../../../protocol/src/testing/world.ts';
import type { AgentEvent } from '../agent.ts';
import { stateText } from '../command-line/story.ts';
import * as core from '../core.ts';
import type { FileSystem } from '../ports.ts';
import { resetAgent } from '../reset.ts';
import { createFailingDisk } from '../testing/failing-disk.ts';
import { createFakeService, DAY, type FakeService, publish, SERVICE } from '../testing/fake-service.ts';
import { startAgent, type TestAgent } from '../testing/test-agent.ts';
import { createRun } from './run-agent.ts';
import type { Happening } from './supervisor.ts';

const world = createWorld();
const runAgent = createRun(core);

/** Runs the agent in time that passes at once; before each sleep the next of `steps` happens, and after the last one it is told to end. */
async function live(
  service: FakeService,
  steps: readonly (() => void)[],
  { disk, look }: { disk?: FileSystem; look?: () => Happening | null } = {},
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
    if (event.kind === 'noticed') said.push(event.happened);
    if (event.kind !== 'ended') return;
    const state = stateText(event.result, SERVICE);
    if (state !== said.at(-1)) said.push(state);
  };
  await runAgent({ ...agent, tell }, { stopped, sleep, chance: () => 0.5, ...(look && { look }) });
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
  const again = await live(service, [nothing], { disk: agent.disk });
  expect(again.slept).toEqual([(600 - 1) * 1.5]); // the acknowledgement came a second after the answer
  expect(service.requests).toHaveLength(2);
  resetAgent(startAgent(service, { disk: agent.disk }));
  expect((await live(service, [], { disk: agent.disk })).said).toHaveLength(1);
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

test('[L8] a device that loses its power in each exchange, and its time with it, does not ask more than thirty times in a row', async () => {
  const service = createFakeService(world);
  const { disk } = startAgent(service);
  const waits: number[] = [];
  for (let boots = 0; boots < 40; boots += 1) {
    const agent = startAgent(service, { disk });
    const connect = (): Promise<never> => Promise.reject(new Error('power'));
    const sleep = async (seconds: number): Promise<void> => {
      waits.push(seconds);
      throw new Error('power');
    };
    const options = { stopped: new Promise<void>(() => {}), sleep, chance: () => 0 };
    const life = runAgent({ ...agent, transport: { ...agent.transport, connect } }, options);
    await expect(life).rejects.toThrow('power');
  }
  expect(waits).toEqual(new Array(10).fill(120));
});

test('[C5] what is written before an exchange does not hide that files were lost', async () => {
  const service = createFakeService(world);
  const { agent } = await live(service, []);
  const disk = createFailingDisk(
    new Map([
      ['/device/state.json', 'torn'],
      ['/device/floors.json', 'torn'],
    ]),
  );
  Object.assign(service.network, { https: 'timeout', http: 'timeout' });
  expect((await live(service, [], { disk })).agent.state.current.fault).toBe('floors-lost');
  expect(startAgent(service, { disk }).state.current.fault).toBe('floors-lost');
  expect(agent.state.current.fault).toBeNull();
});

test('[C4] with the service gone for thirty days nothing changes', async () => {
  const service = createFakeService(world);
  const goes = (): void => void Object.assign(service.network, { https: 'timeout', http: 'timeout' });
  const { said, agent, slept } = await live(service, [goes, ...new Array<() => void>(1_450).fill(nothing)]);
  expect(slept.reduce((sum, each) => sum + each)).toBeGreaterThan(30 * DAY);
  expect(said.filter((line) => /^active|^dropped/.test(line))).toHaveLength(1);
  expect(agent.bundle()).toContain('# windlass: acme/plant-a');
});

test('it looks at the network once a minute and at no other time; a change leads to an exchange', async () => {
  const service = createFakeService(world);
  const changes: (Happening | null)[] = [null, null, 'network-changed'];
  const look = (): Happening | null => changes.shift() ?? null;
  const { said, slept } = await live(service, new Array<() => void>(6).fill(nothing), { look });
  expect(slept).toEqual([30, 60, 60, 2.5, 57.5, 60]);
  const active = expect.stringMatching(/^active/);
  expect(said).toEqual([active, 'network-changed', active]);
  expect(service.requests).toHaveLength(2);
});

test('an endpoint whose unknown issuer has the name of an active inspection CA: it asks again soon, until that is settled', async () => {
  const service = createFakeService(world);
  const endpoint = { name: 'updates', host: 'updates.example.com', port: 443, protocol: 'https', required: false };
  publish(service, 'plant-a', world.inspectionCa, { endpoints: [endpoint] });
  const twin = { verdict: 'inspected-untrusted', stage: 'tls', reason: 'unknown-issuer', issuer: null } as const;
  const { probe } = service;
  let signedBy: string | null = 'CN=Plant A proxy CA';
  Object.assign(service, {
    probe: async (...[each, trust]: Parameters<typeof probe>) =>
      signedBy ? { endpoint: each, ...twin, signedBy } : probe(each, trust),
  });
  const settle = (by: string | null) => (): void => {
    signedBy = by;
  };
  expect((await live(service, [nothing, nothing, settle('CN=Somebody'), nothing])).slept).toEqual([7.5, 15, 30, 3_600]);
  signedBy = 'CN=Plant A proxy CA';
  expect((await live(service, [nothing, settle(null), nothing])).slept).toEqual([7.5, 15, 3_600]);
});

test('those who look do it at moments of their own, spread over the minute', async () => {
  const service = createFakeService(world);
  const first: number[] = [];
  for (const chance of [0, 0.25, 0.999]) {
    const sleep = (seconds: number): Promise<never> => {
      first.push(Math.ceil(seconds));
      return Promise.reject(new Error('enough'));
    };
    const life = runAgent(startAgent(service), {
      stopped: new Promise(() => {}),
      sleep,
      chance: () => chance,
      look: () => null,
    });
    await expect(life).rejects.toThrow('enough');
  }
  expect(first).toEqual([20, 5, 21]);
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

describe('[T7] with the service gone, a clock at 1970 after each start, and the power cut or switched off each day', () => {
  /** One day of the device, from its start on; resolves with the agent as the power found it. */
  async function day(service: FakeService, disk: FileSystem, end: 'cut' | 'stopped'): Promise<TestAgent> {
    let seconds = 0;
    const agent = startAgent(service, { disk, monotonic: () => seconds, now: () => seconds });
    core.fillStores(agent, core.standingNow(agent));
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const sleep = async (duration: number): Promise<void> => {
      if (seconds < DAY) seconds += duration;
      else if (end === 'cut') throw new Error('power');
      else stop();
    };
    await runAgent(agent, { stopped, sleep, chance: () => 0.5 }).catch(({ message }) => expect(message).toBe('power'));
    return agent;
  }

  test.each([
    ['cut', 7],
    ['stopped', 6],
  ] as const)('(%s) an inspection CA with five days left is gone after %i', async (end, most) => {
    const service = createFakeService(world);
    const inspectionCas = [inspectionCaOf(world.inspectionCa.der, { until: at(NOW + 5 * DAY) })];
    const payload = profileOf(world, { inspectionCas });
    service.profiles.set('plant-a', { ca: world.inspectionCa, payload, chain: [world.publisher] });
    const disk = createFailingDisk();
    expect(await core.bootstrap(startAgent(service, { disk }))).toMatchObject({ outcome: 'active' });
    Object.assign(service.network, { https: 'timeout', http: 'timeout' });
    let days = 0;
    while (days < 20 && (await day(service, disk, end)).bundle().includes('windlass')) days += 1;
    expect(days).toBeGreaterThanOrEqual(4);
    expect(days).toBeLessThanOrEqual(most);
    const { bundle, state } = await day(service, disk, 'cut');
    expect(bundle()).not.toContain('windlass');
    expect(state.current.floors.time).toBeLessThan(NOW + DAY);
  });

  test('the time is written at most every six hours, at the end of a run, and when something ends', async () => {
    const service = createFakeService(world);
    const times: number[] = [];
    let seconds = 0;
    const { state, ...agent } = startAgent(service, { monotonic: () => seconds });
    await core.bootstrap({ ...agent, state });
    const watched = {
      get current() {
        return state.current;
      },
      commit(next: typeof state.current) {
        if (next.time !== state.current.time && next.lastNonce === state.current.lastNonce) times.push(seconds);
        state.commit(next);
      },
    };
    Object.assign(service.network, { https: 'timeout', http: 'timeout' });
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const sleep = async (duration: number): Promise<void> => {
      if (seconds < 2 * DAY) seconds += duration;
      else stop();
    };
    await runAgent({ ...agent, state: watched }, { stopped, sleep, chance: () => 0.5 });
    expect(times.length).toBeGreaterThan(6);
    const apart = times.slice(1, -1).map((time, i) => time - (times[i] ?? 0));
    for (const each of apart) expect(each).toBeGreaterThan(6 * 3_600);
    expect(times.at(-1)).toBe(seconds);
  });

  test('after days asleep what ended meanwhile is dropped at the first look', async () => {
    const service = createFakeService(world);
    let seconds = 0;
    const agent = startAgent(service, { monotonic: () => seconds });
    await core.bootstrap(agent);
    let sleeps = 0;
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    Object.assign(service.network, { https: 'timeout', http: 'timeout' });
    const sleep = async (): Promise<void> => {
      sleeps += 1;
      if (sleeps === 1) seconds += 400 * DAY;
      else stop();
    };
    await runAgent(agent, { stopped, sleep, chance: () => 0.5 });
    expect(agent.bundle()).not.toContain('windlass');
  });
});

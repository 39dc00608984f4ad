import { describe, expect, test } from 'vitest';
import { createCertificate, createKey } from '../../../protocol/src/testing/test-certificates.ts';
import { claimOf, inspectionCaOf, profileOf } from '../../../protocol/src/testing/world.ts';
import type { Agent } from '../agent.ts';
import { acceptByHand, requestByHand } from '../carry.ts';
import type { Connection, FileSystem } from '../ports.ts';
import { resetAgent } from '../reset.ts';
import type { FailingDisk } from '../testing/failing-disk.ts';
import {
  answerRequest,
  DAY,
  type FakeService,
  keyDigestOf,
  makeProxyCa,
  NOW,
  noAnswer,
  publish,
} from '../testing/fake-service.ts';
import { committing, losePowerIn, type Scenario, world } from '../testing/power-loss.ts';
import type { TestAgent } from '../testing/test-agent.ts';
import type { AgentState } from './agent-state.ts';

const successor = createCertificate({
  name: 'Successor',
  key: createKey(),
  from: NOW - DAY,
  until: NOW + 400 * DAY,
  ca: true,
});
const plantB = makeProxyCa('Plant B proxy CA');

const nothing = (): void => undefined;
const overlap = ({ profiles }: FakeService): void => {
  const inspectionCas = [inspectionCaOf(world.inspectionCa.der), inspectionCaOf(successor.der)];
  const payload = profileOf(world, { sequence: 12, inspectionCas });
  profiles.set('plant-a', { ca: world.inspectionCa, payload, chain: [world.publisher] });
};
const retire = (service: FakeService): void => {
  publish(service, 'plant-a', successor, { sequence: 13, retire: [keyDigestOf(world.inspectionCa)] });
  service.network.inspector = successor;
};
const move = (service: FakeService): void => {
  publish(service, 'plant-b', plantB);
  service.network.inspector = plantB;
};
const moveBack = (service: FakeService): void => {
  service.network.inspector = world.inspectionCa;
};
/** Whoever signs is known, and nothing else comes through: the device chooses by itself (C7). */
const moveBackUnanswered = (service: FakeService): void => {
  moveBack(service);
  service.network.inPlace = () => noAnswer('timeout', 'first-byte');
};
const unacknowledged = (service: FakeService): void => {
  overlap(service);
  service.acknowledges = false;
};
const release = (service: FakeService): void => {
  service.claim = claimOf(world, { organization: null, publishers: [], generation: 8, ownership: 4, epoch: 0 });
  service.decision = { outcome: 'unclaimed' };
};

const withoutWayOut = (service: FakeService): void => {
  overlap(service);
  Object.assign(service.network, { https: 'refused', http: 'refused' });
};
const carry = async (agent: Agent, service: FakeService): Promise<void> => {
  await acceptByHand(agent, Buffer.from(answerRequest(service, await requestByHand(agent))));
};

const install: Scenario = { name: 'install', before: [], now: nothing, ends: ['active'] };
const refresh: Scenario = { name: 'refresh', before: [nothing], now: nothing, ends: ['active'] };
const update: Scenario = { name: 'update', before: [nothing], now: overlap, ends: ['active'] };
const scenarios: readonly Scenario[] = [
  install,
  refresh,
  update,
  { name: 'switch', before: [nothing], now: move, ends: ['active'] },
  { name: 'switch back', before: [nothing, move], now: moveBack, ends: ['active'] },
  { name: 'switch without an answer', before: [nothing, move], now: moveBackUnanswered, ends: ['no-answer'] },
  { name: 'rollover', before: [nothing, overlap], now: retire, ends: ['active'] },
  { name: 'revert', before: [nothing], now: unacknowledged, ends: ['reverted'] },
  { name: 'release', before: [nothing], now: release, ends: ['unclaimed'] },
  { name: 'reset', before: [nothing, move], now: nothing, act: async (agent) => resetAgent(agent), ends: ['active'] },
  { name: 'request and import', before: [nothing], now: withoutWayOut, act: carry, ends: ['no-answer'] },
  { ...install, name: 'install, floors elsewhere', floorsDirectory: '/factory' },
  { ...update, name: 'update, floors elsewhere', floorsDirectory: '/factory' },
];

describe('power is lost before each write, sync, rename and removal, and whatever was not synced may be there or not', () => {
  test.each(scenarios)(
    '[C1] $name: always the old or the new state, whole, and the device goes on',
    async (scenario) => {
      const { violations, runs, worlds } = await losePowerIn(scenario);
      expect(violations).toEqual([]);
      expect(runs).toBeGreaterThan(8);
      expect(worlds).toBeGreaterThan(runs);
    },
  );
});

describe('[C1] the harness finds', () => {
  test.each([
    [
      'the state',
      update,
      (path: string) => path.includes('state.json'),
      'state.json is neither the old nor the new state',
    ],
    ['the floors', update, (path: string) => path.includes('floors'), 'floors.json is neither the old nor the new one'],
    ['the bundle', update, (path: string) => path.includes('bundle'), 'bundle.pem is torn'],
    ['the directory', update, (path: string) => path === '/device', 'state.json is neither the old nor the new state'],
    [
      'the directory of the floors',
      { ...update, floorsDirectory: '/factory' },
      (path: string) => path === '/factory',
      'floors.json is neither the old nor the new one',
    ],
  ])('that a sync of %s was left out', async (_, scenario, which, violation) => {
    const { violations } = await losePowerIn(scenario, { disk: (disk) => leavingOut(disk, which) });
    expect(violations).toContain(violation);
  });

  test('that a bundle is written before what allows it is durable', async () => {
    const { violations } = await losePowerIn(install, { agent: bundleFirst });
    expect(violations).toEqual(['bundle.pem has what the state does not have']);
  });

  test('that a report is sent, and acknowledged, before what it says is durable', async () => {
    const { violations } = await losePowerIn(refresh, { agent: reportFirst });
    expect(violations).toContain('the service was told of what is not durable');
  });
});

function leavingOut(disk: FailingDisk, which: (path: string) => boolean): FileSystem {
  return {
    read: disk.read,
    write: disk.write,
    rename: disk.rename,
    sync: (path) => {
      if (!which(path)) disk.sync(path);
    },
  };
}

/** What is committed is remembered, and not on the disk before `flush`. */
function late({ state }: TestAgent) {
  let waiting: AgentState | null = null;
  const commit = (next: AgentState): void => {
    waiting = next;
  };
  const flush = (): void => {
    const next = waiting;
    waiting = null;
    if (next) state.commit(next);
  };
  const current = {
    get current() {
      return waiting ?? state.current;
    },
    commit,
  };
  return { state: committing(current, commit), flush };
}

function bundleFirst(agent: TestAgent): TestAgent {
  const { state, flush } = late(agent);
  const stores = agent.stores.map(({ write, ...store }) => ({
    ...store,
    write: (active: Parameters<typeof write>[0]) => {
      write(active);
      flush();
    },
  }));
  return { ...agent, state, stores };
}

function reportFirst(agent: TestAgent): TestAgent {
  const { state, flush } = late(agent);
  const flushing = (connection: Connection): Connection => ({
    ...connection,
    async post(...args) {
      const answer = await connection.post(...args);
      if (args[0].endsWith('report')) flush();
      return answer;
    },
  });
  const connect: typeof agent.transport.connect = async (...args) => {
    const connection = await agent.transport.connect(...args);
    return 'cause' in connection ? connection : flushing(connection);
  };
  return { ...agent, state, transport: { ...agent.transport, connect } };
}

import { beforeAll, describe, expect, test } from 'vitest';
import { createCertificate, createKey } from '../../../protocol/src/testing/test-certificates.ts';
import { claimOf, createWorld, inspectionCaOf, profileOf } from '../../../protocol/src/testing/world.ts';
import type { Agent } from '../agent.ts';
import { bootstrap } from '../bootstrap.ts';
import { acceptByHand, requestByHand } from '../carry.ts';
import type { FileSystem } from '../ports.ts';
import { resetAgent } from '../reset.ts';
import { fillStores } from '../stores.ts';
import { createFailingDisk, type FailingDisk, PowerLoss } from '../testing/failing-disk.ts';
import { answerRequest, createFakeService, DAY, type FakeService, NOW } from '../testing/fake-service.ts';
import { BUNDLE, startAgent } from '../testing/test-agent.ts';
import { standingNow } from '../visit.ts';

const world = createWorld();
const successor = createCertificate({
  name: 'Successor',
  key: createKey(),
  from: NOW - DAY,
  until: NOW + 400 * DAY,
  ca: true,
});
const STATE = '/device/state.json';

interface Scenario {
  readonly name: string;
  /** What the device went through before. */
  readonly before: readonly ((service: FakeService) => void)[];
  /** What it goes through when the power is lost. */
  readonly now: (service: FakeService) => void;
  readonly act?: 'reset' | 'carry';
}

const install = (): void => undefined;
const publishUpdate = ({ profiles }: FakeService): void => {
  const inspectionCas = [inspectionCaOf(world.inspectionCa.der), inspectionCaOf(successor.der)];
  profiles.set('plant-a', {
    ca: world.inspectionCa,
    payload: profileOf(world, { sequence: 12, inspectionCas }),
    chain: [world.publisher],
  });
};
const update: Scenario = { name: 'update', before: [install], now: publishUpdate };
const scenarios: readonly Scenario[] = [
  { name: 'install', before: [], now: install },
  update,
  {
    name: 'revert',
    before: [install],
    now: (service) => {
      publishUpdate(service);
      service.acknowledges = false;
    },
  },
  {
    name: 'release',
    before: [install],
    now: (service) => {
      service.claim = claimOf(world, { organization: null, publishers: [], generation: 8, ownership: 4, epoch: 0 });
      service.decision = { outcome: 'unclaimed' };
    },
  },
  { name: 'reset', before: [install], now: install, act: 'reset' },
  {
    name: 'request and import',
    before: [install],
    now: (service) => {
      publishUpdate(service);
      service.network.https = 'refused';
      service.network.http = 'refused';
    },
    act: 'carry',
  },
];

/** One run with the power lost before operation `failAt`: what was promised, and what may be found. */
async function runUntilPowerLoss(
  scenario: Scenario,
  files: ReadonlyMap<string, string>,
  failAt: number,
  spoil: (disk: FailingDisk) => FileSystem,
) {
  const service = createFakeService(world);
  for (const happened of scenario.before) happened(service);
  scenario.now(service);
  service.now += 3_600;
  const disk = createFailingDisk(files, failAt);
  const opened = createFailingDisk(files);
  startAgent(service, { disk: opened });
  /** What is begun, from what there was before; all but the last of it is promised. */
  const begun = [textOf(disk.read(STATE)), textOf(opened.read(STATE))];
  let promised = 0;
  const live = async (): Promise<void> => {
    const agent = startAgent(service, { disk: spoil(disk) });
    promised += 1;
    const { state } = agent;
    const commit: typeof state.commit = (next) => {
      const files = createFailingDisk();
      startAgent(service, { disk: files }).state.commit(next);
      begun.push(textOf(files.read(STATE)));
      state.commit(next);
      promised += 1;
    };
    const watched = { ...agent, state: Object.defineProperties({ commit }, watchedState(agent)) as typeof state };
    if (scenario.act === 'reset') resetAgent(watched);
    else if (scenario.act === 'carry') await carry(watched, service);
    else await bootstrap(watched);
  };
  const ended = await live().then(
    () => 'whole',
    (error: unknown) => (error instanceof PowerLoss ? 'cut' : Promise.reject(error)),
  );
  return { ended, disk, service, allowed: begun.slice(promised) };
}

async function carry(agent: Agent, service: FakeService): Promise<void> {
  await acceptByHand(agent, Buffer.from(answerRequest(service, await requestByHand(agent))));
}

function watchedState({ state }: ReturnType<typeof startAgent>): PropertyDescriptorMap {
  const own = (get: () => unknown): PropertyDescriptor => ({ get, enumerable: true });
  return {
    current: own(() => state.current),
  };
}

/** Everything that is wrong with what is found after the power came back, in all ways in which the disk may be. */
async function violations(
  scenario: Scenario,
  files: ReadonlyMap<string, string>,
  spoil: (disk: FailingDisk) => FileSystem = (disk) => disk,
) {
  const found = new Set<string>();
  let [runs, worlds] = [0, 0];
  for (let failAt = 0; ; failAt += 1) {
    const { ended, disk, service, allowed } = await runUntilPowerLoss(scenario, files, failAt, spoil);
    runs += 1;
    for (const contents of disk.afterPowerLoss()) {
      worlds += 1;
      if (!allowed.includes(contents.get(STATE) ?? '')) found.add('state.json is neither the old nor the new state');
      if (!isWhole(contents.get(BUNDLE) ?? '')) found.add('bundle.pem is torn');
      const restarted = startAgent(service, { disk: createFailingDisk(contents) });
      if (restarted.state.current.fault) found.add(`state is ${restarted.state.current.fault}`);
      const standing = standingNow(restarted);
      fillStores(restarted, standing);
      if (restarted.bundle().match(/windlass:/g)?.length !== (standing.inspectionCas.length || undefined))
        found.add('bundle is not what the state says');
    }
    if (ended === 'whole' || found.size > 0) return { found: [...found], runs, worlds };
  }
}

function isWhole(bundle: string): boolean {
  return bundle === '' || (bundle.endsWith('-----END CERTIFICATE-----\n') && /^(# windlass|-----BEGIN)/.test(bundle));
}

function textOf(bytes: Uint8Array | null): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}

describe('power is lost before each write, sync, rename and removal, and whatever was not synced may be there or not', () => {
  const installed = new Map<string, string>();

  beforeAll(async () => {
    const disk = createFailingDisk();
    const agent = startAgent(createFakeService(world), { disk });
    await bootstrap(agent);
    for (const contents of disk.afterPowerLoss()) for (const [name, text] of contents) installed.set(name, text);
  });

  test.each(scenarios)('[C1] $name: always the old or the new state, whole', async (scenario) => {
    const { found, runs, worlds } = await violations(scenario, scenario.before.length > 0 ? installed : new Map());
    expect(found).toEqual([]);
    expect(runs).toBeGreaterThan(8);
    expect(worlds).toBeGreaterThan(runs);
  });

  test.each([
    ['the state', (path: string) => path.includes('state'), 'state.json is neither the old nor the new state'],
    ['the bundle', (path: string) => path.includes('bundle'), 'bundle.pem is torn'],
    ['the directory', (path: string) => path === '/device', 'state.json is neither the old nor the new state'],
  ])('[C1] the harness finds that a sync of %s was left out', async (_, which, violation) => {
    const { found } = await violations(update, installed, (disk) => leavingOut(disk, which));
    expect(found).toContain(violation);
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

// Among the networks that it knows a device finds its way alone; the service may be gone.
import type { Envelope } from '@windlass/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { at, claimOf, createWorld, inspectionCaOf, signMessage } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import type { Transport, TrustedInspectionCa } from './ports.ts';
import type { Result } from './result.ts';
import { PowerLoss } from './testing/failing-disk.ts';
import {
  createFakeService,
  DAY,
  type FakeService,
  keyDigestOf,
  makeProxyCa,
  NOW,
  noAnswer,
  publish,
} from './testing/fake-service.ts';
import { startAgent, type TestAgent, type TestAgentOptions } from './testing/test-agent.ts';

const world = createWorld();
const plantA = world.inspectionCa;
const plantB = makeProxyCa('Plant B proxy CA');
const rogue = makeProxyCa('Plant A proxy CA');
let service: FakeService;

beforeEach(() => {
  service = createFakeService(world);
  publish(service, 'plant-b', plantB);
});

/** A device that was in plant A, then in plant B, and is there. */
async function inPlantB(options: TestAgentOptions = {}): Promise<TestAgent> {
  const agent = startAgent(service, options);
  await bootstrap(agent);
  service.network.inspector = plantB;
  expect(await bootstrap(agent)).toMatchObject({ outcome: 'active', network: 'plant-b' });
  return agent;
}

/** The boxes are there, and behind them nobody answers. */
function serviceGoes(): void {
  service.network.inPlace = () => noAnswer('timeout', 'first-byte');
  service.trace.length = 0;
}

async function moved(agent: TestAgent, inspector: FakeService['network']['inspector']): Promise<Result> {
  service.network.inspector = inspector;
  return bootstrap(agent);
}

describe('with the service gone', () => {
  test('[C7] back in plant A its CA is trusted and that of plant B is not, and on the open internet none is', async () => {
    const agent = await inPlantB();
    serviceGoes();
    expect(await moved(agent, plantA)).toMatchObject({
      ...{ outcome: 'no-answer', network: 'plant-a' },
      removed: [keyDigestOf(plantB)],
    });
    expect(service.trace).toEqual([
      'connect 2',
      'connect 1',
      'close',
      'post 1 bootstrap',
      'connect 3',
      'post 3 bootstrap',
    ]);
    expect(agent.bundle()).toContain('# windlass: acme/plant-a');
    expect(agent.bundle()).not.toContain('plant-b');
    expect(await moved(agent, plantB)).toMatchObject({ network: 'plant-b', removed: [keyDigestOf(plantA)] });
    expect(await moved(agent, null)).toMatchObject({
      network: null,
      inspectionCas: [],
      removed: [keyDigestOf(plantB)],
    });
    expect(agent.bundle()).not.toContain('windlass');
    expect(await moved(agent, plantA)).toMatchObject({ network: 'plant-a' });
    expect(startAgent(service, { disk: agent.disk }).state.current.holding.active).toBe('plant-a');
  });

  test('[C7] a chain of somebody else takes nothing away and brings nothing', async () => {
    const agent = await inPlantB();
    serviceGoes();
    const before = agent.state.current.holding;
    expect(await moved(agent, rogue)).toMatchObject({
      outcome: 'no-answer',
      network: 'plant-b',
      removed: [],
    });
    expect(agent.state.current.holding).toEqual(before);
  });

  test('[C7] who holds no other profile makes no second connection', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    serviceGoes();
    await moved(agent, rogue);
    expect(service.trace).toEqual(['connect 2', 'post 2 bootstrap', 'connect 3', 'post 3 bootstrap']);
  });

  test('[C7] it is written before anything is sent, and power that is lost meanwhile leaves one or the other', async () => {
    const agent = await inPlantB();
    serviceGoes();
    let isWritten: unknown;
    service.network.inPlace = () => {
      isWritten = JSON.parse(`${agent.disk.read('/device/state.json')}`).state.holding.active;
      return noAnswer('timeout', 'first-byte');
    };
    service.network.inspector = plantA;
    const { current } = agent.state;
    const commit = (): never => {
      throw new PowerLoss();
    };
    await expect(bootstrap({ ...agent, state: { current, commit } })).rejects.toThrow(PowerLoss);
    expect([isWritten, agent.bundle().includes('plant-a')]).toEqual([undefined, false]);
    await bootstrap(agent);
    expect(isWritten).toBe('plant-a');
  });

  test.each<[string, (agent: TestAgent) => void]>([
    [
      'is not confirmed',
      ({ state }) => {
        const { current } = state;
        const profiles = current.holding.profiles.map((held) => ({ ...held, confirmed: false }));
        state.commit({ ...current, holding: { ...current.holding, profiles } });
      },
    ],
    [
      'is older than one that was accepted',
      ({ state }) => {
        const { current } = state;
        const networks = Object.fromEntries(
          Object.entries(current.floors.networks).map(([name, floor]) => [
            name,
            { ...floor, digest: keyDigestOf(rogue) as never },
          ]),
        );
        state.commit({ ...current, floors: { ...current.floors, networks } });
      },
    ],
    [
      'is under an epoch that is over',
      ({ state }) => {
        const { current } = state;
        const claim = startOther({ epoch: 3, generation: 8 });
        state.commit({ ...current, holding: { ...current.holding, claim } });
      },
    ],
  ])('[C7] a held profile is not chosen that %s', async (_, spoil) => {
    const agent = await inPlantB();
    serviceGoes();
    spoil(agent);
    service.network.inspector = plantA;
    const result = await bootstrap(agent);
    expect(result).toMatchObject({ outcome: 'no-answer' });
    expect(result.network).not.toBe('plant-a');
  });

  test('[C7] nor any while what is active waits to be confirmed: the exchange decides about that', async () => {
    const agent = await inPlantB();
    const { current } = agent.state;
    agent.state.commit({ ...current, previous: current.holding });
    const asked: unknown[] = [];
    service.network.inPlace = () => {
      asked.push(agent.state.current.holding.active);
      return noAnswer('timeout', 'first-byte');
    };
    await moved(agent, plantA);
    expect(asked).toEqual(['plant-b', 'plant-b']);
  });

  test('[C7] nor one whose CA has ended', async () => {
    let seconds = 0;
    const until = NOW + 10 * DAY;
    publish(service, 'plant-a', plantA, { inspectionCas: [inspectionCaOf(plantA.der, { until: at(until) })] });
    const agent = await inPlantB({ monotonic: () => seconds });
    serviceGoes();
    seconds = 11 * DAY;
    expect(await moved(agent, plantA)).toMatchObject({ outcome: 'no-answer', network: 'plant-b' });
  });

  test('[C7] nor by a key that the profile of another network retires; what else that network has is trusted', async () => {
    const successor = makeProxyCa('Plant B proxy CA, second');
    publish(service, 'plant-b', plantB, {
      inspectionCas: [inspectionCaOf(plantB.der), inspectionCaOf(successor.der)],
    });
    const agent = await inPlantB();
    publish(service, 'plant-a', plantA, { sequence: 12, retire: [keyDigestOf(plantB)] });
    expect(await moved(agent, plantA)).toMatchObject({ outcome: 'active', network: 'plant-a' });
    serviceGoes();
    expect(await moved(agent, plantB)).toMatchObject({ outcome: 'no-answer', network: 'plant-a', removed: [] });
    expect(await moved(agent, successor)).toMatchObject({ network: 'plant-b', inspectionCas: [{}] });
    expect(agent.state.current.holding.retired).toEqual([keyDigestOf(plantB)]);
    expect(await moved(agent, plantB)).toMatchObject({ network: 'plant-b', inspectionCas: [{}] });
    // Nor is it back by a profile that was offered then and taken back, and retires something else.
    service.network.inPlace = () => null;
    service.network.inspector = successor;
    service.network.broken.add('telemetry');
    publish(service, 'plant-b', successor, { sequence: 12, retire: [keyDigestOf(rogue)] });
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', network: 'plant-b', inspectionCas: [{}] });
    expect(agent.state.current.holding.retired).toEqual([plantB, rogue].map(keyDigestOf));
  });

  test('[C7] where two networks have one CA, it is the one that has it for the name of the service', async () => {
    const agent = await inPlantB();
    const elsewhere = 'elsewhere.example';
    const plantC = makeProxyCa('Plant C proxy CA');
    publish(service, 'plant-c', plantC, {
      inspectionCas: [inspectionCaOf(plantA.der, { permittedNames: [elsewhere] }), inspectionCaOf(plantC.der)],
    });
    expect(await moved(agent, plantC)).toMatchObject({ network: 'plant-c' });
    expect(await moved(agent, plantB)).toMatchObject({ network: 'plant-b' });
    serviceGoes();
    const isHere = ({ permittedNames }: TrustedInspectionCa): boolean => permittedNames[0] !== elsewhere;
    const connect: Transport['connect'] = (scheme, trust) =>
      service.transport.connect(scheme, { ...trust, inspectionCas: trust.inspectionCas.filter(isHere) });
    service.network.inspector = plantA;
    expect(await bootstrap({ ...agent, transport: { ...service.transport, connect } })).toMatchObject({
      network: 'plant-a',
    });
  });
});

/** A claim of this device, signed by the service. */
function startOther(changes: Parameters<typeof claimOf>[1]) {
  const other = createFakeService(world);
  other.claim = claimOf(world, changes);
  return signMessage(other.claim, [world.claimAuthority]) as Envelope;
}

describe('with the service there', () => {
  test('[C7] what was chosen is confirmed by its answer in one exchange, over TLS that is valid from the beginning', async () => {
    const agent = await inPlantB();
    service.trace.length = 0;
    expect(await moved(agent, plantA)).toMatchObject({
      ...{ outcome: 'active', network: 'plant-a', path: { rung: 1 }, unsent: null },
      removed: [keyDigestOf(plantB)],
    });
    expect(service.trace.slice(0, 4)).toEqual(['connect 2', 'connect 1', 'close', 'post 1 bootstrap']);
    expect(service.requests.at(-1)).toMatchObject({ path: { rung: 1 } });
    expect(service.reports.at(-1)).toMatchObject({ network: 'plant-a', removed: [keyDigestOf(plantB)] });
    expect(agent.told.filter((line) => line.startsWith('staged'))).toHaveLength(2);
  });

  test('[C7] its answer counts: where the organization lets the CA in no more it is not trusted, and not chosen again', async () => {
    const agent = await inPlantB();
    service.profiles.delete('plant-a');
    expect(await moved(agent, plantA)).toMatchObject({ outcome: 'awaiting-approval', inspectionCas: [] });
    expect(agent.bundle()).not.toContain('windlass');
    service.trace.length = 0;
    expect(await moved(agent, plantA)).toMatchObject({ outcome: 'awaiting-approval', path: { rung: 2 }, removed: [] });
    serviceGoes();
    expect(await moved(agent, plantA)).toMatchObject({ outcome: 'no-answer', inspectionCas: [] });
    expect(await moved(agent, plantB)).toMatchObject({ network: 'plant-b' });
  });

  test('[C7] where the CA of a stranger waits for approval that says nothing of the one that was trusted before', async () => {
    const agent = await inPlantB();
    expect(await moved(agent, rogue)).toMatchObject({ outcome: 'awaiting-approval', path: { rung: 2 } });
    serviceGoes();
    expect(await moved(agent, plantB)).toMatchObject({ outcome: 'no-answer', network: 'plant-b' });
  });

  test('[C7] a key that another network retires is back by a profile that has it', async () => {
    const successor = makeProxyCa('Plant B proxy CA, second');
    const inspectionCas = [inspectionCaOf(plantB.der), inspectionCaOf(successor.der)];
    publish(service, 'plant-b', plantB, { inspectionCas });
    const agent = await inPlantB();
    publish(service, 'plant-a', plantA, { sequence: 12, retire: [keyDigestOf(plantB)] });
    await moved(agent, plantA);
    serviceGoes();
    expect(await moved(agent, successor)).toMatchObject({ network: 'plant-b', inspectionCas: [{}] });
    service.network.inPlace = () => null;
    publish(service, 'plant-b', plantB, { sequence: 12, inspectionCas });
    expect(await moved(agent, plantB)).toMatchObject({ outcome: 'active', inspectionCas: [{}, {}] });
  });
});

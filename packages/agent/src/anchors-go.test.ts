import { keyOf } from '@windlass/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { createCertificate } from '../../protocol/src/testing/test-certificates.ts';
import {
  at,
  claimOf,
  createWorld,
  inspectionCaOf,
  profileOf,
  publisherOptions,
  signerOptions,
} from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import {
  createFakeService,
  DAY,
  type FakeService,
  keyDigestOf,
  makeProxyCa,
  NOW,
  publish,
} from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';
import { standingNow } from './visit.ts';

const world = createWorld();
const rogue = makeProxyCa('Plant A proxy CA');
const plantB = makeProxyCa('Plant B proxy CA');
let service: FakeService;

beforeEach(() => {
  service = createFakeService(world);
});

describe('[C4] anchors go', () => {
  test('[C4] when the device is released', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.claim = claimOf(world, { organization: null, publishers: [], generation: 8, ownership: 4, epoch: 0 });
    service.decision = { outcome: 'unclaimed' };
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'unclaimed',
      removed: [keyDigestOf(world.inspectionCa)],
      inspectionCas: [],
    });
    expect(agent.bundle()).not.toContain('windlass');
    expect(agent.state.current.holding.profiles).toEqual([]);
    expect(service.reports.at(-1)).toMatchObject({ removed: [keyDigestOf(world.inspectionCa)] });
  });

  test('[C4] when another organization owns the device, even if its profile cannot be made active', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    const globex = createCertificate({
      name: 'globex publisher',
      issuer: world.otherPublisherAnchor,
      ...publisherOptions('globex'),
    });
    const publishers = [Buffer.from(world.otherPublisherAnchor.der).toString('base64')];
    service.claim = claimOf(world, { organization: 'globex', publishers, generation: 8, ownership: 4, epoch: 0 });
    const payload = profileOf(world, { organization: 'globex', epoch: 0, inspectionCas: [inspectionCaOf(plantB.der)] });
    service.profiles.set('plant-a', { ca: world.inspectionCa, payload, chain: [globex] });
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'reverted',
      removed: [keyDigestOf(world.inspectionCa)],
      inspectionCas: [],
    });
    expect(agent.bundle()).not.toContain('windlass');
    expect(agent.state.current).toMatchObject({ floors: { ownership: 4, organization: 'globex' } });
  });

  test('[C4] without a claim that says so an unsigned wish changes nothing', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.claim = null;
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'unclaimed', removed: [] });
    expect(agent.bundle()).toContain('windlass: acme/plant-a');
  });

  test('[C4] when a profile retires them, and the successor is active', async () => {
    publish(service, 'plant-a', world.inspectionCa, {
      inspectionCas: [inspectionCaOf(world.inspectionCa.der), inspectionCaOf(plantB.der)],
    });
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = plantB;
    publish(service, 'plant-a', plantB, { sequence: 12, retire: [keyDigestOf(world.inspectionCa)] });
    const result = await bootstrap(agent);
    expect(result).toMatchObject({ outcome: 'active', path: { rung: 1 }, removed: [keyDigestOf(world.inspectionCa)] });
    expect(agent.bundle().match(/windlass:/g)).toHaveLength(1);
    expect(agent.told).toContain(`dropped the inspection CA with the key ${keyDigestOf(world.inspectionCa)}`);
  });

  test('[C4] a retired one is not trusted again by a revert', async () => {
    publish(service, 'plant-a', world.inspectionCa, {
      inspectionCas: [inspectionCaOf(world.inspectionCa.der), inspectionCaOf(plantB.der)],
    });
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = plantB;
    service.network.broken.add('telemetry');
    publish(service, 'plant-a', plantB, { sequence: 12, retire: [keyDigestOf(world.inspectionCa)] });
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', removed: [keyDigestOf(world.inspectionCa)] });
    expect(standingNow(agent).inspectionCas.map((ca) => keyOf(ca.certificate))).toEqual([keyDigestOf(plantB)]);
  });

  test('[C4] at `until`, without asking anybody', async () => {
    let seconds = 0;
    const agent = startAgent(service, { monotonic: () => seconds });
    await bootstrap(agent);
    expect(standingNow(agent).inspectionCas).toHaveLength(1);
    seconds = 301 * DAY;
    expect(standingNow(agent).inspectionCas).toEqual([]);
  });

  test('[C4] when the time that an acknowledgement brings is after the end, also though the answer was not valid', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.now = NOW + 250 * DAY;
    service.acknowledger = createCertificate({
      name: 'responder',
      issuer: world.serviceAnchor,
      ...signerOptions('responder'),
      from: NOW + 240 * DAY,
      until: NOW + 260 * DAY,
    });
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'not-valid', unsent: null, inspectionCas: [] });
    expect(agent.bundle()).not.toContain('windlass');
  });

  test('[C4] at the end of the claim, and each end to the second', async () => {
    let seconds = 0;
    const agent = startAgent(service, { monotonic: () => seconds });
    service.claim = claimOf(world, { expires: at(NOW + 10 * DAY) });
    await bootstrap(agent);
    const left = NOW + 10 * DAY - agent.clock.read().time;
    expect(standingNow(agent).changes).toBe(NOW + 10 * DAY);
    for (const [after, count] of [
      [left - 1, 1],
      [left, 1],
      [left + 1, 0],
    ] as const) {
      seconds = after;
      expect(standingNow(agent).inspectionCas).toHaveLength(count);
    }
  });

  test('what is held is verified again every hour, and not at each look', async () => {
    let [seconds, verified] = [0, 0];
    const agent = startAgent(service, { monotonic: () => seconds });
    await bootstrap(agent);
    const { serviceAnchors } = agent.identity;
    const identity = Object.defineProperty({ ...agent.identity }, 'serviceAnchors', {
      get: () => {
        verified += 1;
        return serviceAnchors;
      },
    });
    const counts = Array.from({ length: 180 }, () => {
      seconds += 60;
      verified = 0;
      return standingNow({ ...agent, identity }).inspectionCas.length === 1 && verified > 0;
    });
    expect(counts.filter((isVerified) => isVerified)).toHaveLength(3);
  });

  test("[C4] in another network: plant A's CA is not trusted in plant B, and back in plant A it is held", async () => {
    publish(service, 'plant-b', plantB);
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = plantB;
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'active',
      network: 'plant-b',
      path: { rung: 2 },
      removed: [keyDigestOf(world.inspectionCa)],
    });
    expect(agent.bundle()).not.toContain('plant-a');
    service.network.inspector = world.inspectionCa;
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'active',
      network: 'plant-a',
      removed: [keyDigestOf(plantB)],
    });
    expect(service.requests.at(-1)).toMatchObject({
      holds: { profiles: [{ network: 'plant-b' }, { network: 'plant-a' }] },
    });
  });

  test('[C4] behind a proxy that is not approved nothing stays active', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = rogue;
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'awaiting-approval',
      removed: [keyDigestOf(world.inspectionCa)],
    });
    expect(agent.bundle()).not.toContain('windlass');
  });

  test('at most eight networks are held, the ones used last', async () => {
    const agent = startAgent(service);
    for (let i = 0; i < 9; i += 1) {
      publish(service, `n${i}`, plantB);
      service.profiles.delete(`n${i - 1}`);
      service.network.inspector = plantB;
      await bootstrap(agent);
    }
    expect(agent.state.current.holding.profiles.map(({ network }) => network)).toEqual([
      'n8',
      'n7',
      'n6',
      'n5',
      'n4',
      'n3',
      'n2',
      'n1',
    ]);
  });
});

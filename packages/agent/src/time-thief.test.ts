// What a thief of the responder's key can do to the time of a device whose clock is right.
import { expect, test } from 'vitest';
import { createWorld } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import { createFakeService, DAY, NOW } from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';

const world = createWorld();

test('[T3] an acknowledgement far from a trusted clock does not move the floor', async () => {
  const service = createFakeService(world);
  const agent = startAgent(service, { now: () => NOW, vouched: true });
  service.network.inPlace = (path) => {
    if (path.endsWith('report')) service.now = NOW + 10 * DAY; // whoever has the responder's key
    return null;
  };
  await bootstrap(agent);
  expect(agent.state.current.floors.time).toBeLessThanOrEqual(NOW + DAY);
  service.network.inPlace = null;
  service.now = NOW + 60;
  expect(await bootstrap(startAgent(service, { disk: agent.disk, now: () => NOW + 60, vouched: true }))).toMatchObject({
    outcome: 'active',
  });
});

test('[T3] two decisions do not lead a trusted clock further than one may', async () => {
  const service = createFakeService(world);
  const agent = startAgent(service, { now: () => NOW, vouched: true });
  service.now = NOW + DAY - 60; // inside of the 24 hours
  await bootstrap(agent);
  service.now = NOW + 10 * DAY; // the vouched clock still says NOW
  expect(await bootstrap(agent)).toMatchObject({ outcome: 'not-valid', code: 'clock-mismatch' });
  expect(await bootstrap(startAgent(service, { disk: agent.disk, now: () => NOW, vouched: true }))).toMatchObject({
    outcome: 'not-valid',
    code: 'clock-mismatch',
  });
});

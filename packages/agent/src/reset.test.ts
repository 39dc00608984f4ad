import { expect, test } from 'vitest';
import { createWorld } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import { resetAgent } from './reset.ts';
import { createFakeService, DAY } from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';
import { standingNow } from './visit.ts';

const world = createWorld();

test('[C3] [C4] a reset leaves no anchor of ours in any store, and keeps what protects against replay and rollback', async () => {
  const service = createFakeService(world);
  const agent = startAgent(service);
  await bootstrap(agent);
  const { floors, counter } = agent.state.current;
  expect(resetAgent(agent)).toMatchObject({ organization: 'acme', removed: [expect.any(String)], unwritten: [] });
  expect(agent.bundle()).not.toContain('windlass');
  const restarted = startAgent(service, { disk: agent.disk });
  expect(standingNow(restarted)).toMatchObject({ organization: null, inspectionCas: [] });
  expect(restarted.state.current).toMatchObject({
    floors,
    counter,
    outcome: null,
    holding: { claim: null, profiles: [], active: null },
  });
});

test('[C3] after a reset an older answer is refused', async () => {
  const service = createFakeService(world);
  const agent = startAgent(service);
  await bootstrap(agent);
  resetAgent(agent);
  service.now -= DAY;
  expect(await bootstrap(startAgent(service, { disk: agent.disk }))).toMatchObject({
    outcome: 'not-valid',
    code: 'time-before-floor',
  });
});

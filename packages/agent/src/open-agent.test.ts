import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWorld } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import { readConfig } from './command-line/config/config.ts';
import { openAgent } from './open-agent.ts';
import { type FactoryDevice, makeFactoryDevice } from './testing/factory-device.ts';
import { createFakeService, NOW } from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';

const world = createWorld();
let device: FactoryDevice;

beforeEach(() => {
  device = makeFactoryDevice(world, world.manufacturer.pem);
});

afterEach(() => device.remove());

test('an agent is opened with what a factory put on the device, and touches nothing', () => {
  const agent = openAgent(readConfig(device.config), { tell: () => {}, change: 'none' });
  expect(agent.identity).toMatchObject({ device: { serial: 'SN-0001' }, deviceKey: world.device.key.digest });
  expect(agent.stores).toMatchObject([{ name: 'bundle', kind: 'bundle' }]);
  expect(agent.clock.floor).toBeLessThan(NOW);
  expect(agent.explicitProxy).toBeNull();
});

test('[M3] requests name the explicit proxy, and never its credentials', async () => {
  device.configure({ explicitProxy: 'http://plant:secret@10.0.0.1:3128' });
  const { explicitProxy } = openAgent(readConfig(device.config), { tell: () => {}, change: 'none' });
  const service = createFakeService(world);
  await bootstrap({ ...startAgent(service), explicitProxy });
  expect(service.requests[0]).toMatchObject({ path: { explicitProxy: { host: '10.0.0.1', port: 3128 } } });
  expect(JSON.stringify(service.requests)).not.toContain('secret');
});

test('[C5] a trust store with an anchor of ours shows that the device had a state, which is gone', () => {
  const path = device.write('bundle.pem', '# windlass: acme/plant-a, SHA-256 00:01\n');
  device.configure({ trustStores: [{ kind: 'bundle', name: 'bundle', path }] });
  const { state } = openAgent(readConfig(device.config), { tell: () => {}, change: 'none' });
  expect(state.current.fault).toBe('floors-lost');
});

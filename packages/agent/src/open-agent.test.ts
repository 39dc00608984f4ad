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
});

test('[M3] requests name the explicit proxy, and never its credentials', async () => {
  const service = createFakeService(world);
  const explicitProxy = { host: '10.0.0.1', port: 3128, tls: true };
  const { connect } = service.transport;
  const transport = {
    ...service.transport,
    connect: async (...asked: Parameters<typeof connect>) => ({ ...(await connect(...asked)), explicitProxy }),
  };
  await bootstrap({ ...startAgent(service), transport });
  expect(service.requests[0]).toMatchObject({ path: { explicitProxy } });
});

test('[C5] a trust store with an anchor of ours shows that the device had a state, which is gone', () => {
  const path = device.write('bundle.pem', '# windlass: acme/plant-a, SHA-256 00:01\n');
  device.configure({ trustStores: [{ kind: 'bundle', name: 'bundle', path }] });
  const { state } = openAgent(readConfig(device.config), { tell: () => {}, change: 'none' });
  expect(state.current.fault).toBe('floors-lost');
});

import { afterEach, expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import { type FactoryDevice, makeFactoryDevice } from '../testing/factory-device.ts';
import { startAttempt } from '../transport/attempt.ts';
import { type Peer, SILENT, startPlainPeer } from '../transport/testing/servers.ts';
import { readConfig } from './config/config.ts';
import { openWithRoutes } from './open-with-routes.ts';

const peers: Peer[] = [];
let device: FactoryDevice;
afterEach(async () => {
  device.remove();
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

test('in another network, and after a sleep, what was learned of routes is forgotten', async () => {
  const world = createWorld();
  device = makeFactoryDevice(world, world.manufacturer.pem);
  const proxy = await startPlainPeer((socket) => socket.resetAndDestroy());
  const there = await startPlainPeer(SILENT);
  peers.push(proxy, there);
  const connectTo = { 'proxy.example:3128': proxy.address, '*:443': there.address };
  device.configure({ explicitProxy: 'http://proxy.example:3128', connectTo });
  const told: string[] = [];
  const tell = ({ kind }: { kind: string }) => told.push(kind);
  const { agent, routes } = openWithRoutes(readConfig(device.config, {}), { tell, change: 'none' }, () => {});
  const asksOfProxy = async (): Promise<number> => {
    const before = proxy.received.length;
    const attempt = startAttempt();
    await routes.open(attempt, { host: 'app.example', port: 443, scheme: 'https' });
    attempt.end();
    return proxy.received.length - before;
  };
  expect(await asksOfProxy()).toBe(1);
  expect(await asksOfProxy()).toBe(0);
  for (const happened of ['network-changed', 'resumed'] as const) {
    agent.tell({ kind: 'noticed', happened });
    expect(await asksOfProxy()).toBe(1);
    expect(await asksOfProxy()).toBe(0);
  }
  expect(told).toHaveLength(2);
});

import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Attempt, startAttempt } from './attempt.ts';
import { openRoute, type PathOptions, type Routes } from './route.ts';
import { type Conduct, type Peer, SILENT, startPlainPeer } from './testing/servers.ts';

const target = { host: 'app.example', port: 8883, scheme: 'https' } as const;
const peers: Peer[] = [];
const attempts: Attempt[] = [];
afterEach(async () => {
  for (const attempt of attempts.splice(0)) attempt.end();
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function peer(conduct: Conduct): Promise<Peer> {
  const started = await startPlainPeer(conduct);
  peers.push(started);
  return started;
}

function open(path: PathOptions, to = target): Promise<Socket> {
  const attempt = startAttempt(path.deadlines);
  attempts.push(attempt);
  return openRoute(attempt, path, to);
}

test('the address override leads elsewhere: by name and port, by port, and not for other ports', async () => {
  const { address, port } = await peer(SILENT);
  const lookup = (): Promise<string[]> => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
  expect((await open({ connectTo: { 'app.example:8883': address }, lookup })).remotePort).toBe(port);
  expect((await open({ connectTo: { '*:8883': address }, lookup })).remotePort).toBe(port);
  await expect(open({ connectTo: { '*:443': address }, lookup })).rejects.toMatchObject({ stage: 'name' });
});

test('the address override takes IPv6 addresses in brackets', async () => {
  const lookup = (): Promise<string[]> => Promise.reject(new Error('asked'));
  await expect(open({ connectTo: { '*:8883': '[::1]:1' }, lookup })).rejects.toMatchObject({ stage: 'connect' });
});

test('where there are routes they are taken, and what they say counts', async () => {
  const { address, port } = await peer(SILENT);
  const connectTo = { '*:8883': address };
  expect((await open({ connectTo })).remotePort).toBe(port);
  const asked: unknown[] = [];
  const routes: Routes = {
    open: (_, to) => {
      asked.push(to);
      return Promise.reject(new Error('their word'));
    },
    learn: () => {},
  };
  await expect(open({ connectTo, routes })).rejects.toThrow('their word');
  expect(asked).toEqual([target]);
});

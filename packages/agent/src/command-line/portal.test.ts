// A portal in the way of the whole agent: what is said, and what the next report will say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import { type FactoryDevice, makeFactoryDevice } from '../testing/factory-device.ts';
import { makeAuthority, makeLeaf } from '../transport/testing/pki.ts';
import { answer, type Conduct, type Peer, startPlainPeer, startTlsPeer } from '../transport/testing/servers.ts';
import { typed } from './testing/command.ts';

const world = createWorld();
const problem = answer('400 Bad Request', ['Content-Type: application/problem+json'], '{"title":"no"}');
const peers: Peer[] = [];
let device: FactoryDevice;
let err: string[];

beforeEach(() => {
  err = [];
});
afterEach(async () => {
  device.remove();
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

const started = async (starting: Promise<Peer>): Promise<Peer> => {
  const peer = await starting;
  peers.push(peer);
  return peer;
};

/** One bootstrap where port 443 is closed and port 80 is answered like this; with an API that says that there is a portal. */
async function bootstrap(http: Conduct, api: Conduct | null = null): Promise<{ trouble: unknown; web: Peer }> {
  const root = await makeAuthority({ subject: 'CN=Root' });
  const web = await started(startPlainPeer(http));
  const leaf = await makeLeaf(['portal.example'], { issuer: root });
  const portal = api && (await started(startTlsPeer(leaf, api)));
  device = makeFactoryDevice(world, root.pem);
  const connectTo = {
    '*:80': web.address,
    '*:443': '127.0.0.1:1',
    ...(portal && { 'portal.example:443': portal.address }),
  };
  device.configure({ connectTo, leaseFiles: [], ...(portal && { captivePortalApi: 'https://portal.example/api' }) });
  const terminal = { out: () => {}, err: (line: string) => err.push(line) };
  expect(await typed(['bootstrap', '--config', device.config], terminal)).toBe(20);
  const { state } = JSON.parse(readFileSync(join(device.directory, 'state/state.json'), 'utf8'));
  return { trouble: state.trouble?.code, web };
}

test('a portal that cuts what the agent sends shows itself to a request that says nothing, once, and is not opened', async () => {
  const login = answer('302 Found', ['Location: http://login.example/start?device=7'], '<html></html>');
  const { trouble, web } = await bootstrap((socket, request) =>
    request.startsWith('POST') ? socket.resetAndDestroy() : socket.end(login),
  );
  expect(err).toEqual(['warning: a captive portal is in the way: log in at http://login.example/start']);
  expect(trouble).toBe('captive');
  expect(web.received.map((each) => each.split(' ')[0])).toEqual(['POST', 'GET']);
  expect(web.received[1]).not.toMatch(/SN-0001|payload/);
});

test('511 says it too', async () => {
  const { trouble } = await bootstrap((socket, request) =>
    request.startsWith('POST') ? socket.resetAndDestroy() : socket.end(answer('511 Log in', [], '<html></html>')),
  );
  expect(err).toEqual(['warning: a captive portal is in the way: log in to the network']);
  expect(trouble).toBe('captive');
});

const cut: Conduct = (socket, request) => (request.startsWith('POST') ? socket.resetAndDestroy() : socket.end(problem));

test('the answer of the service itself is no portal', async () => {
  expect((await bootstrap(cut)).trouble).not.toBe('captive');
  expect(err).toEqual([]);
});

test('[L9] a service that only says that it is busy is asked nothing more', async () => {
  const busy = answer('429 Later', ['Content-Type: application/problem+json'], '{"title":"later"}');
  const { web, trouble } = await bootstrap(
    busy,
    answer('200 OK', ['Content-Type: application/json'], '{"captive":true}'),
  );
  expect(web.received).toHaveLength(1);
  expect(trouble).not.toBe('captive');
});

test('the network says that there is one, although the service answers: the network knows', async () => {
  const says = '{"captive":true,"user-portal-url":"https://portal.example/login"}';
  const { trouble } = await bootstrap(cut, answer('200 OK', ['Content-Type: application/captive+json'], says));
  expect(err).toEqual(['warning: a captive portal is in the way: log in at https://portal.example/login']);
  expect(trouble).toBe('captive');
});

test('[L3] a portal that answered the agent itself is not asked again', async () => {
  const { trouble, web } = await bootstrap(answer('302 Found', ['Location: http://login.example/'], ''));
  expect(web.received).toHaveLength(1);
  expect(trouble).toBe('captive');
});

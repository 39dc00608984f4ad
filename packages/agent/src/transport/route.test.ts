import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Attempt, startAttempt } from './attempt.ts';
import { openPlainRoute, openRoute, type PathOptions } from './route.ts';
import { type Conduct, type Peer, SILENT, startPlainPeer } from './testing/servers.ts';

const target = { host: 'app.example', port: 8883 };
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

/** A proxy that answers CONNECT with `head`, and what a tunnel through it leads to. */
async function through(
  conduct: Conduct,
  more: Partial<PathOptions> = {},
  credentials = {},
): Promise<{ proxy: Peer; socket: Promise<Socket> }> {
  const proxy = await peer(conduct);
  const explicitProxy = { host: 'proxy.example', port: 3128, ...credentials };
  return { proxy, socket: open({ connectTo: { 'proxy.example:3128': proxy.address }, explicitProxy, ...more }) };
}

const established: Conduct = (socket, request) => {
  if (request.startsWith('CONNECT')) socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
};

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

test('a tunnel is asked for by name and port, without credentials where none are configured', async () => {
  const { proxy, socket } = await through(established);
  await socket;
  expect(proxy.received[0]).toBe('CONNECT app.example:8883 HTTP/1.1\r\nHost: app.example:8883\r\n\r\n');
});

test('configured credentials are sent as Basic', async () => {
  const { proxy, socket } = await through(established, {}, { username: 'plant', password: 'pass:word' });
  await socket;
  expect(proxy.received[0]).toContain(
    `\r\nProxy-Authorization: Basic ${Buffer.from('plant:pass:word').toString('base64')}\r\n`,
  );
});

test('an HTTP/1.0 proxy opens a tunnel too, and bytes pass it both ways', async () => {
  const echo: Conduct = (socket) => {
    socket.write('HTTP/1.0 200 OK\r\nVia: 1.0 box\r\n\r\nearly ');
    socket.on('data', (part: Buffer) => socket.write(part));
  };
  const socket = await (await through(echo)).socket;
  socket.write('bytes');
  let seen = '';
  for await (const part of socket) {
    seen += String(part);
    if (seen.length === 11) break;
  }
  expect(seen).toBe('early bytes');
});

test.each([
  ['407 Proxy Authentication Required', 'proxy-authentication'],
  ['401 Unauthorized', 'proxy-authentication'],
  ['403 Forbidden', 'blocked'],
  ['302 Found', 'captive'],
  ['511 Network Authentication Required', 'captive'],
  ['502 Bad Gateway', 'proxy'],
  ['503 Service Unavailable', 'proxy'],
])('a proxy that answers %s: %s', async (status, reason) => {
  const { socket } = await through(`HTTP/1.0 ${status}\r\nLocation: http://portal.example/\r\n\r\n<html>no</html>`);
  await expect(socket).rejects.toMatchObject({ reason, stage: 'proxy' });
});

test('a proxy that closes, cuts or speaks no HTTP fails at the stage proxy', async () => {
  await expect((await through((socket) => socket.end())).socket).rejects.toMatchObject({
    reason: 'reset',
    stage: 'proxy',
  });
  await expect((await through((socket) => socket.resetAndDestroy())).socket).rejects.toMatchObject({
    reason: 'reset',
    stage: 'proxy',
  });
  await expect((await through('SSH-2.0-box\r\n')).socket).rejects.toMatchObject({ reason: 'http', stage: 'proxy' });
});

test('[L3] a proxy that hangs runs into its deadline', async () => {
  const { socket } = await through(SILENT, { deadlines: { proxy: 30 } });
  await expect(socket).rejects.toMatchObject({ reason: 'timeout', stage: 'proxy' });
});

test('a plain route leads to the explicit proxy itself', async () => {
  const proxy = await peer(SILENT);
  const path = { connectTo: { '*:3128': proxy.address }, explicitProxy: { host: 'proxy.example', port: 3128 } };
  const attempt = startAttempt();
  attempts.push(attempt);
  expect((await openPlainRoute(attempt, path, target)).remotePort).toBe(proxy.port);
  expect(proxy.received).toEqual(['']);
});

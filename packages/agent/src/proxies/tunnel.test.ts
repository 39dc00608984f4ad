// Real sockets behind explicit proxies: the tunnel, what a proxy may answer, and the next route.
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Attempt, startAttempt } from '../transport/attempt.ts';
import type { PathOptions } from '../transport/route.ts';
import { proxyRoutes } from '../transport/testing/routes.ts';
import { type Conduct, type Peer, SILENT, startPlainPeer } from '../transport/testing/servers.ts';

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

function started(deadlines?: PathOptions['deadlines']): Attempt {
  const attempt = startAttempt(deadlines);
  attempts.push(attempt);
  return attempt;
}

const nowhere = (): Promise<string[]> => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));

/** A proxy that answers CONNECT with `head`, and what a tunnel through it leads to. */
async function through(
  conduct: Conduct,
  more: Partial<PathOptions> = {},
  credentials = {},
): Promise<{ proxy: Peer; socket: Promise<Socket> }> {
  const proxy = await peer(conduct);
  const path = { connectTo: { 'proxy.example:3128': proxy.address }, lookup: nowhere, ...more };
  const routes = proxyRoutes(path, { host: 'proxy.example', port: 3128, ...credentials });
  return { proxy, socket: routes.open(started(path.deadlines), target) };
}

const established: Conduct = (socket, request) => {
  if (request.startsWith('CONNECT')) socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
};

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

test('for plain HTTP the proxy itself is reached, and what is for it is told apart', async () => {
  const proxy = await peer(SILENT);
  const secret = { host: 'proxy.example', port: 3128, username: 'plant', password: 'secret' };
  const attempt = started();
  const routes = proxyRoutes({ connectTo: { '*:3128': proxy.address } }, secret);
  expect((await routes.open(attempt, { ...target, scheme: 'http' })).remotePort).toBe(proxy.port);
  expect(proxy.received).toEqual(['']);
  expect(attempt.proxy).toEqual({
    address: { host: 'proxy.example', port: 3128 },
    headers: { 'Proxy-Authorization': `Basic ${Buffer.from('plant:secret').toString('base64')}` },
  });
});

test('the field by which a proxy says how it wants to be told who asks is kept as it came', async () => {
  const fields = 'Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\n';
  const { socket } = await through(`HTTP/1.1 407 Who\r\n${fields}\r\n`);
  await expect(socket).rejects.toMatchObject({ reason: 'proxy-authentication', cause: 'NTLM, Negotiate' });
});

describe('several routes', () => {
  const first = { host: 'first.example', port: 3128 };
  const second = { host: 'second.example', port: 3128 };
  const closed = '127.0.0.1:1';

  test('a route that leads nowhere leads to the next one, whose proxy is then on the way', async () => {
    const next = await peer(established);
    const attempt = started();
    const connectTo = { 'first.example:3128': closed, 'second.example:3128': next.address };
    await proxyRoutes({ connectTo }, first, second).open(attempt, target);
    expect(next.received[0]).toMatch(/^CONNECT app\.example:8883 /);
    expect(attempt.proxy).toEqual({ address: second, headers: {} });
  });

  test.each<[string, Conduct]>([
    ['closes', (socket) => socket.end()],
    ['cuts', (socket) => socket.resetAndDestroy()],
    ['is silent', SILENT],
  ])('a proxy that %s leads nowhere: straight after it', async (_, conduct) => {
    const there = await peer(SILENT);
    const connectTo = { 'first.example:3128': (await peer(conduct)).address, '*:8883': there.address };
    const attempt = started({ proxy: 40 });
    expect((await proxyRoutes({ connectTo }, first).open(attempt, target)).remotePort).toBe(there.port);
    expect(attempt.proxy).toBeUndefined();
  });

  test('a proxy whose name cannot be resolved leads nowhere too', async () => {
    const there = await peer(SILENT);
    const path = { connectTo: { '*:8883': there.address }, lookup: nowhere };
    expect((await proxyRoutes(path, first).open(started(), target)).remotePort).toBe(there.port);
  });

  test.each([
    ['403 Forbidden', 'blocked'],
    ['407 Proxy Authentication Required', 'proxy-authentication'],
    ['302 Found', 'captive'],
    ['511 Network Authentication Required', 'captive'],
    ['502 Bad Gateway', 'proxy'],
    ['503 Service Unavailable', 'proxy'],
  ])('[L3] a proxy that answers %s is not gone around', async (status, reason) => {
    const [refusing, next, there] = [
      await peer(`HTTP/1.1 ${status}\r\n\r\n`),
      await peer(established),
      await peer(SILENT),
    ];
    const connectTo = {
      'first.example:3128': refusing.address,
      'second.example:3128': next.address,
      '*:8883': there.address,
    };
    const attempt = started();
    const opening = proxyRoutes({ connectTo }, first, second).open(attempt, target);
    await expect(opening).rejects.toMatchObject({ reason, stage: 'proxy' });
    expect([...next.received, ...there.received]).toEqual([]);
    expect(attempt.proxy).toMatchObject({ address: first });
  });

  test('where no route leads anywhere, what is told is what is wrong with the first', async () => {
    const attempt = started();
    const path = { connectTo: { '*:3128': closed }, lookup: nowhere };
    const opening = proxyRoutes(path, first, second).open(attempt, target);
    await expect(opening).rejects.toMatchObject({ reason: 'refused', stage: 'connect' });
    expect(attempt.proxy).toMatchObject({ address: first });
  });
});

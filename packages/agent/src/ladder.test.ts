// The ladder over real sockets: which rung a message goes on, and what it says of the better one.
import { isEnvelope } from '@windlass/protocol';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Agent } from './agent.ts';
import { climb, connectValidated, type NoReply, type Path, type Reply } from './ladder.ts';
import { createFakeService, SERVICE } from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';
import { createTransport, type TransportOptions } from './transport/create-transport.ts';
import { type Holder, makeAuthority, makeLeaf } from './transport/testing/pki.ts';
import { proxyRoutes } from './transport/testing/routes.ts';
import { answer, type Conduct, type Peer, SILENT, startPlainPeer, startTlsPeer } from './transport/testing/servers.ts';
import { now } from './transport/testing/trust.ts';

const envelope = '{"payload":"{}","signature":"MAA="}';
const good: Conduct = answer('200 OK', ['Content-Type: application/json'], envelope);
const device = startAgent(createFakeService());

let root: Holder;
let leaf: Holder;
let foreign: Holder;
beforeAll(async () => {
  root = await makeAuthority({ subject: 'CN=Public Root' });
  leaf = await makeLeaf([SERVICE], { issuer: root });
  foreign = await makeLeaf(['portal.example'], { issuer: root });
});

const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function started(peer: Promise<Peer>): Promise<Peer> {
  peers.push(await peer);
  return peer;
}

/** A message down the ladder where HTTPS is `https`, with HTTP beside it: who got it, and what was said in it. */
async function descend(
  https: Promise<Peer>,
  {
    http = good,
    clock = 'trusted',
    ...options
  }: Partial<TransportOptions> & { http?: Conduct | null; clock?: string } = {},
): Promise<{ reply: Reply | NoReply; paths: Path[]; https: Peer; http: Peer | null }> {
  const secured = await started(https);
  const plain = http === null ? null : await started(startPlainPeer(http));
  const connectTo = { '*:443': secured.address, '*:80': plain?.address ?? '127.0.0.1:1' };
  const transport = createTransport({ service: SERVICE, ports: { http: 80, https: 443 }, connectTo, ...options });
  const agent = {
    ...device,
    transport,
    roots: [],
    clock: { ...device.clock, read: () => ({ state: clock, time: now() }) },
  } as Agent;
  const { parseCertificate } = await import('@windlass/x509');
  const paths: Path[] = [];
  const on = (path: Path): string => `{"rung":${paths.push(path) && path.rung}}`;
  const trusting = { ...agent, roots: [parseCertificate(root.der)] };
  const reply = await climb(trusting, { trusted: [], to: 'report', on, isAnswer: isEnvelope });
  return { reply, paths, https: secured, http: plain };
}

const tls = (holder: Holder, conduct: Conduct = good): Promise<Peer> => startTlsPeer(holder, conduct);

test('[L1] HTTPS that holds is all that is used', async () => {
  const { reply, paths, http } = await descend(tls(leaf));
  expect(reply).toMatchObject({ kind: 'answer', path: { rung: 1, failure: null, presentedChain: [leaf.der] } });
  expect(paths).toHaveLength(1);
  expect(http?.received).toEqual([]);
});

test.each([
  ['a certificate for another name', () => startTlsPeer(foreign, good), 'name-mismatch'],
  ['no TLS', () => startPlainPeer(good), 'tls'],
])('[C2] %s is said where a validated connection is wanted: %s', async (_, peer, why) => {
  const { address } = await started(peer());
  const transport = createTransport({
    service: SERVICE,
    ports: { http: 80, https: 443 },
    connectTo: { '*:443': address },
  });
  const { parseCertificate } = await import('@windlass/x509');
  const clock = { ...device.clock, read: () => ({ state: 'trusted', time: now() }) };
  const agent = { ...device, transport, clock, roots: [parseCertificate(root.der)] } as Agent;
  expect(await connectValidated(agent, [])).toBe(why);
});

test('[L2] a certificate that is not valid: rung 3 with its failure and the chain, and not a byte was sent over TLS', async () => {
  const { reply, https, http } = await descend(tls(foreign), { clock: 'untrusted' });
  expect(reply).toMatchObject({
    kind: 'answer',
    path: { rung: 3, failure: 'name-mismatch', presentedChain: [foreign.der] },
  });
  expect(https.received.join('')).toBe('');
  expect(http?.received).toHaveLength(1);
});

test('[L2] every failure to connect leads to rung 3: refused, reset, no TLS, a hang', async () => {
  const nowhere = (await started(startPlainPeer(good))).address;
  const refused = { connectTo: { '*:443': '127.0.0.1:1', '*:80': nowhere } };
  const rung3 = (failure: string): object => ({ kind: 'answer', path: { rung: 3, failure, presentedChain: [] } });
  expect((await descend(tls(leaf), refused)).reply).toMatchObject(rung3('refused'));
  const cut = startPlainPeer((socket) => socket.resetAndDestroy());
  expect((await descend(cut)).reply).toMatchObject(rung3('reset'));
  const odd = startPlainPeer('HTTP/1.0 400 Bad Request\r\n\r\n');
  expect((await descend(odd)).reply).toMatchObject(rung3('tls'));
  const hangs = startPlainPeer(SILENT);
  expect((await descend(hangs, { deadlines: { tls: 40 } })).reply).toMatchObject(rung3('timeout'));
});

test('[L4] what is no answer leads to rung 3, which says so, with the chain of the better one', async () => {
  const { reply, paths } = await descend(tls(leaf, answer('200 OK', [], '')));
  expect(reply).toMatchObject({ kind: 'answer', path: { rung: 3, failure: 'reset', presentedChain: [leaf.der] } });
  expect(paths.map(({ rung }) => rung)).toEqual([1, 3]);
  const problem = answer('429 No', ['Content-Type: application/problem+json'], '{}');
  const told = (await descend(tls(leaf, problem), { http: problem })).reply;
  expect(told).toMatchObject({ kind: 'no-answer', cause: 'http', stage: 'body', status: 429 });
});

test('[L3] nothing is retried around a block page or a portal', async () => {
  for (const [page, cause] of [
    ['<html>no</html>', 'blocked'],
    ['<form>log in</form>', 'captive'],
  ] as const) {
    const { reply, http } = await descend(tls(leaf, answer('200 OK', [], page)));
    expect(reply).toMatchObject({ kind: 'no-answer', cause, path: { rung: 1 } });
    expect(http?.received).toEqual([]);
  }
});

test('no connection on any rung: why HTTPS failed, its stage, and the chain that was seen', async () => {
  const { reply } = await descend(tls(foreign), { http: null });
  const path = { rung: null, failure: 'name-mismatch', presentedChain: [foreign.der] };
  expect(reply).toMatchObject({ kind: 'no-answer', cause: 'tls', stage: 'tls', path });
});

test('HTTPS that brought nothing says more than HTTP that did not connect', async () => {
  const { reply } = await descend(tls(leaf, answer('200 OK', [], '{"payload"')), { http: null });
  expect(reply).toMatchObject({ kind: 'no-answer', cause: 'truncated', path: { rung: 1 } });
});

test('through an explicit proxy that refuses the tunnel: rung 3 through the same proxy', async () => {
  const proxy: Conduct = (socket, request) => {
    if (request.startsWith('CONNECT')) return void socket.end('HTTP/1.1 403 No\r\n\r\n');
    return void socket.end(good);
  };
  const { address } = await started(startPlainPeer(proxy));
  const connectTo = { '*:3128': address };
  const routes = proxyRoutes({ connectTo }, { host: 'proxy.example', port: 3128 });
  const { reply } = await descend(tls(leaf), { routes, connectTo });
  expect(reply).toMatchObject({ kind: 'answer', path: { rung: 3, failure: 'proxy' } });
});

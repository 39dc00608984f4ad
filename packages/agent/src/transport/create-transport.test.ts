// HTTPS and HTTP to the service: which rung a connection is on, and that nothing is sent on a TLS connection before its chain is judged.
import { connect } from 'node:net';
import { isEnvelope } from '@windlass/protocol';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Connection, NoAnswer, TrustView } from '../ports.ts';
import { createTransport, type TransportOptions } from './create-transport.ts';
import { type Holder, makeAuthority, makeLeaf } from './testing/pki.ts';
import { proxyRoutes } from './testing/routes.ts';
import { answer, type Conduct, type Peer, SILENT, startPlainPeer, startTlsPeer } from './testing/servers.ts';
import { inspectionCa, now, trusting } from './testing/trust.ts';

const service = 'service.example';
const path = '/.well-known/windlass/v1/report';
const envelope = '{"payload":"{}","signature":"MAA="}';
const good: Conduct = answer('200 OK', ['Content-Type: application/json'], envelope);

let root: Holder;
let box: Holder;
let leaf: Holder;
let boxLeaf: Holder;
beforeAll(async () => {
  root = await makeAuthority({ subject: 'CN=Public Root' });
  box = await makeAuthority({ subject: 'CN=Box CA', key: 'rsa' });
  leaf = await makeLeaf([service], { issuer: root });
  boxLeaf = await makeLeaf([service], { issuer: box, key: 'rsa' });
});

const peers: Peer[] = [];
const connections: (Connection | NoAnswer)[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) if ('close' in connection) connection.close();
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function started(peer: Promise<Peer>): Promise<Peer> {
  peers.push(await peer);
  return peer;
}

/** A service whose HTTPS shows `holder` (or is `https`), with a good HTTP beside it unless `http` is null. */
async function world(
  holder: Holder | Promise<Peer>,
  http: Conduct | null = good,
): Promise<{ https: Peer; http: Peer | null; connectTo: Record<string, string> }> {
  const https = await started('then' in holder ? holder : startTlsPeer(holder, good));
  const plain = http === null ? null : await started(startPlainPeer(http));
  return { https, http: plain, connectTo: { '*:443': https.address, '*:80': plain?.address ?? '127.0.0.1:1' } };
}

async function open(
  trust: TrustView,
  options: Partial<TransportOptions>,
  scheme: 'https' | 'http' = 'https',
): Promise<Connection & NoAnswer> {
  const transport = createTransport({ service, ports: { http: 80, https: 443 }, connectTo: {}, ...options });
  const connection = await transport.connect(scheme, trust);
  connections.push(connection);
  return connection as Connection & NoAnswer;
}

test('[L1] a chain to a root: rung 1, nobody inspects, and the exchange works', async () => {
  const { connectTo, https } = await world(leaf);
  const connection = await open(trusting([root]), { connectTo });
  expect(connection).toMatchObject({ rung: 1, failure: null, presentedChain: [leaf.der], issuer: null });
  expect(await connection.post(path, envelope, isEnvelope)).toMatchObject({ kind: 'body' });
  expect(https.received[0]).toMatch(
    /^POST \/\.well-known\/windlass\/v1\/report HTTP\/1\.1\r\nHost: service\.example\r\n/,
  );
});

test('[L1] a chain to an active inspection CA: rung 1, and the CA is named', async () => {
  const { connectTo } = await world(boxLeaf);
  const connection = await open(trusting([root], { inspectionCas: [inspectionCa(box)] }), { connectTo });
  expect(connection).toMatchObject({
    rung: 1,
    failure: null,
    issuer: { der: box.der },
    presentedChain: [boxLeaf.der],
  });
});

test('[L2] an unknown issuer: rung 2 on the very connection that showed the chain, one connection in all', async () => {
  const { connectTo, https, http } = await world(boxLeaf);
  const connection = await open(trusting([root]), { connectTo });
  expect(connection).toMatchObject({ rung: 2, failure: 'unknown-issuer', presentedChain: [boxLeaf.der], issuer: null });
  expect(await connection.post(path, envelope, isEnvelope)).toMatchObject({ kind: 'body' });
  expect(https.received).toHaveLength(1);
  expect(http?.received).toHaveLength(0);
});

test('[L2] wrong dates: rung 2 while the clock is not trusted, else no connection', async () => {
  const { connectTo } = await world(leaf);
  const at1970 = trusting([root], { time: now(-1_700_000_000), state: 'untrusted' });
  expect(await open(at1970, { connectTo })).toMatchObject({ rung: 2, failure: 'not-yet-valid' });
  const later = trusting([root], { time: now(86_400 * 365), state: 'floor' });
  expect(await open(later, { connectTo })).toMatchObject({ rung: 2, failure: 'expired' });
  expect(await open({ ...later, state: 'trusted' }, { connectTo })).toMatchObject({
    kind: 'no-answer',
    failure: 'expired',
    presentedChain: [leaf.der],
  });
});

test('[L2] another failure of validation: no connection, the chain is kept, and not a byte was sent over TLS', async () => {
  const { connectTo, https } = await world(await makeLeaf(['portal.example'], { issuer: root }));
  const failed = await open(trusting([root], { state: 'untrusted' }), { connectTo });
  expect(failed).toMatchObject({
    kind: 'no-answer',
    cause: 'tls',
    stage: 'tls',
    failure: 'name-mismatch',
    status: null,
  });
  expect(failed.presentedChain).toHaveLength(1);
  expect(https.received.join('')).toBe('');
});

test('[L2] before the judgement, and until the request, not a byte is sent over TLS', async () => {
  const { connectTo, https } = await world(startTlsPeer(leaf, good, { requestCert: true, rejectUnauthorized: false }));
  const connection = await open(trusting([root]), { connectTo });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(https.received).toEqual(['']);
  connection.close();
  expect(https.received).toEqual(['']);
});

test('every failure to connect is named: refused, reset, no TLS, a hang, no address', async () => {
  const { connectTo } = await world(leaf);
  const none = { kind: 'no-answer', presentedChain: [] };
  const nowhere = { ...connectTo, '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1' };
  const refused = { ...none, cause: 'refused', stage: 'connect', failure: 'refused' };
  expect(await open(trusting([root]), { connectTo: nowhere })).toMatchObject(refused);
  expect(await open(trusting([root]), { connectTo: nowhere }, 'http')).toMatchObject(refused);
  const cut = await world(startPlainPeer((socket) => socket.resetAndDestroy()));
  expect(await open(trusting([root]), cut)).toMatchObject({ ...none, failure: 'reset' });
  const odd = await world(startPlainPeer('HTTP/1.0 400 Bad Request\r\n\r\n'));
  expect(await open(trusting([root]), odd)).toMatchObject({ ...none, failure: 'tls' });
  const hangs = await world(startPlainPeer(SILENT));
  expect(await open(trusting([root]), { ...hangs, deadlines: { tls: 40 } })).toMatchObject({
    ...none,
    failure: 'timeout',
  });
  const lookup = (): Promise<string[]> => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
  const unknown = { cause: 'name', stage: 'name', failure: 'name-resolution' };
  expect(await open(trusting([root]), { lookup })).toMatchObject(unknown);
});

test('HTTP is rung 3, and HTTPS is not touched', async () => {
  const { connectTo, https } = await world(leaf);
  const plain = { rung: 3, failure: null, presentedChain: [] };
  expect(await open(trusting([root]), { connectTo }, 'http')).toMatchObject(plain);
  expect(https.received).toEqual([]);
});

test('through an explicit proxy: a tunnel for HTTPS, and the absolute form where it refuses that', async () => {
  const { https } = await world(boxLeaf);
  const tunnel: Conduct = (socket, request) => {
    if (!request.startsWith('CONNECT service.example:443 ')) return void socket.end(good);
    const there = connect(https.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    there.on('error', () => {});
    return void socket.pipe(there).pipe(socket);
  };
  const explicitProxy = { host: 'proxy.example', port: 3128, username: 'plant', password: 'secret' };
  const via = (connectTo: Record<string, string>) => ({ connectTo, routes: proxyRoutes({ connectTo }, explicitProxy) });
  const proxy = await started(startPlainPeer(tunnel));
  const connection = await open(trusting([root]), via({ '*:3128': proxy.address }));
  expect(connection).toMatchObject({ rung: 2, failure: 'unknown-issuer', presentedChain: [boxLeaf.der] });
  expect(await connection.post(path, envelope, isEnvelope)).toMatchObject({ kind: 'body' });
  expect(https.received.join()).not.toMatch(/authorization/i);

  const refusing = await started(
    startPlainPeer((socket, request) => socket.end(request.startsWith('CONNECT') ? 'HTTP/1.1 403 No\r\n\r\n' : good)),
  );
  const through = via({ '*:3128': refusing.address });
  expect(await open(trusting([root]), through)).toMatchObject({ cause: 'blocked', stage: 'proxy', failure: 'proxy' });
  const plain = await open(trusting([root]), through, 'http');
  expect(await plain.post(path, envelope, isEnvelope)).toMatchObject({ kind: 'body' });
});

test('an alert that comes after the handshake, as for a missing client certificate, is a failure of TLS', async () => {
  const { connectTo } = await world(
    startTlsPeer(leaf, good, { requestCert: true, rejectUnauthorized: true, ca: [root.pem] }),
  );
  const connection = await open(trusting([root]), { connectTo });
  expect(await connection.post(path, envelope, isEnvelope)).toMatchObject({
    kind: 'no-answer',
    cause: 'tls',
    stage: 'first-byte',
  });
  const waited = await open(trusting([root]), { connectTo });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await waited.post(path, envelope, isEnvelope)).toMatchObject({
    kind: 'no-answer',
    cause: 'tls',
    stage: 'first-byte',
  });
});

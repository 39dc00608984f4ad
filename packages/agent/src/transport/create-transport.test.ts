// The ladder: which rung a connection is on, and that nothing is sent on a TLS connection before its chain is judged.
import { connect } from 'node:net';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Connection, NoConnection, TrustView } from '../ports.ts';
import { createTransport, type TransportOptions } from './create-transport.ts';
import { type Holder, makeAuthority, makeLeaf } from './testing/pki.ts';
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
const connections: (Connection | NoConnection)[] = [];
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
  from: 1 | 3 = 1,
): Promise<Connection & NoConnection> {
  const transport = createTransport({ service, ports: { http: 80, https: 443 }, connectTo: {}, ...options });
  const connection = await transport.connect({ trust, from });
  connections.push(connection);
  return connection as Connection & NoConnection;
}

test('[L1] a chain to a root: rung 1, nobody inspects, and the exchange works', async () => {
  const { connectTo, https } = await world(leaf);
  const connection = await open(trusting([root]), { connectTo });
  expect(connection).toMatchObject({
    rung: 1,
    failure: null,
    presentedChain: [leaf.der],
    issuer: null,
    explicitProxy: null,
  });
  expect(await connection.post(path, envelope)).toMatchObject({ kind: 'body', status: 200 });
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
  expect(await connection.post(path, envelope)).toMatchObject({ kind: 'body' });
  expect(https.received).toHaveLength(1);
  expect(http?.received).toHaveLength(0);
});

test('[L2] wrong dates: rung 2 while the clock is not trusted, else rung 3', async () => {
  const { connectTo } = await world(leaf);
  const at1970 = trusting([root], { time: now(-1_700_000_000), clock: 'untrusted' });
  expect(await open(at1970, { connectTo })).toMatchObject({ rung: 2, failure: 'not-yet-valid' });
  const later = trusting([root], { time: now(86_400 * 365), clock: 'floor' });
  expect(await open(later, { connectTo })).toMatchObject({ rung: 2, failure: 'expired' });
  expect(await open({ ...later, clock: 'trusted' }, { connectTo })).toMatchObject({
    rung: 3,
    failure: 'expired',
    presentedChain: [leaf.der],
  });
});

test('[L2] another failure of validation: rung 3, with the chain, and not a byte was sent over TLS', async () => {
  const { connectTo, https, http } = await world(await makeLeaf(['portal.example'], { issuer: root }));
  const connection = await open(trusting([root], { clock: 'untrusted' }), { connectTo });
  expect(connection).toMatchObject({ rung: 3, failure: 'name-mismatch', issuer: null });
  expect(connection.presentedChain).toHaveLength(1);
  expect(await connection.post(path, envelope)).toMatchObject({ kind: 'body' });
  expect(https.received.join('')).toBe('');
  expect(http?.received).toHaveLength(1);
});

test('[L2] before the judgement, and until the request, not a byte is sent over TLS', async () => {
  const { connectTo, https } = await world(startTlsPeer(leaf, good, { requestCert: true, rejectUnauthorized: false }));
  const connection = await open(trusting([root]), { connectTo });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(https.received).toEqual(['']);
  connection.close();
  expect(https.received).toEqual(['']);
});

test('[L2] every failure to connect leads to rung 3: refused, reset, no TLS, a hang', async () => {
  const { connectTo } = await world(leaf);
  expect(await open(trusting([root]), { connectTo: { ...connectTo, '*:443': '127.0.0.1:1' } })).toMatchObject({
    rung: 3,
    failure: 'refused',
    presentedChain: [],
  });
  const cut = await world(startPlainPeer((socket) => socket.resetAndDestroy()));
  expect(await open(trusting([root]), cut)).toMatchObject({ rung: 3, failure: 'reset' });
  const odd = await world(startPlainPeer('HTTP/1.0 400 Bad Request\r\n\r\n'));
  expect(await open(trusting([root]), odd)).toMatchObject({ rung: 3, failure: 'tls' });
  const hangs = await world(startPlainPeer(SILENT));
  expect(await open(trusting([root]), { ...hangs, deadlines: { tls: 40 } })).toMatchObject({
    rung: 3,
    failure: 'timeout',
  });
});

test('from rung 3 on, HTTPS is not touched', async () => {
  const { connectTo, https } = await world(leaf);
  expect(await open(trusting([root]), { connectTo }, 3)).toMatchObject({ rung: 3, failure: null, presentedChain: [] });
  expect(https.received).toEqual([]);
});

test('no rung: why HTTPS failed, its stage, and the chain that was seen', async () => {
  const { connectTo } = await world(await makeLeaf(['portal.example'], { issuer: root }), null);
  const failed = await open(trusting([root]), { connectTo });
  expect(failed).toMatchObject({ kind: 'no-answer', cause: 'tls', stage: 'tls', failure: 'name-mismatch' });
  expect(failed.presentedChain).toHaveLength(1);
  const nowhere = { '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1' };
  const none = { kind: 'no-answer', cause: 'refused', stage: 'connect', failure: 'refused', presentedChain: [] };
  expect(await open(trusting([root]), { connectTo: nowhere })).toMatchObject(none);
  expect(await open(trusting([root]), { connectTo: nowhere }, 3)).toMatchObject(none);
  const lookup = (): Promise<string[]> => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
  expect(await open(trusting([root]), { lookup })).toMatchObject({
    cause: 'name',
    stage: 'name',
    failure: 'name-resolution',
  });
});

test('through an explicit proxy: a tunnel for HTTPS, its refusal leads to rung 3, and the proxy is named', async () => {
  const { https } = await world(boxLeaf);
  const tunnel: Conduct = (socket, request) => {
    if (!request.startsWith('CONNECT service.example:443 ')) return void socket.end(good);
    const there = connect(https.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    there.on('error', () => {});
    return void socket.pipe(there).pipe(socket);
  };
  const explicitProxy = { host: 'proxy.example', port: 3128, username: 'plant', password: 'secret' };
  const proxy = await started(startPlainPeer(tunnel));
  const named = { host: 'proxy.example', port: 3128 };
  const connection = await open(trusting([root]), { explicitProxy, connectTo: { '*:3128': proxy.address } });
  expect(connection).toMatchObject({ rung: 2, failure: 'unknown-issuer', presentedChain: [boxLeaf.der] });
  expect(connection.explicitProxy).toEqual(named);
  expect(await connection.post(path, envelope)).toMatchObject({ kind: 'body' });
  expect(https.received.join()).not.toMatch(/authorization/i);

  const refusing = await started(
    startPlainPeer((socket, request) => socket.end(request.startsWith('CONNECT') ? 'HTTP/1.1 403 No\r\n\r\n' : good)),
  );
  const plain = await open(trusting([root]), { explicitProxy, connectTo: { '*:3128': refusing.address } });
  expect(plain).toMatchObject({ rung: 3, failure: 'proxy', explicitProxy: named });
  expect(await plain.post(path, envelope)).toMatchObject({ kind: 'body' });
});

test('an alert that comes after the handshake, as for a missing client certificate, is a failure of TLS', async () => {
  const { connectTo } = await world(
    startTlsPeer(leaf, good, { requestCert: true, rejectUnauthorized: true, ca: [root.pem] }),
  );
  const connection = await open(trusting([root]), { connectTo });
  expect(await connection.post(path, envelope)).toMatchObject({ kind: 'no-answer', cause: 'tls', stage: 'first-byte' });
  const waited = await open(trusting([root]), { connectTo });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await waited.post(path, envelope)).toMatchObject({ kind: 'no-answer', cause: 'tls', stage: 'first-byte' });
});

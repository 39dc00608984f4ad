import { createServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Attempt, startAttempt } from './attempt.ts';
import { presentedChain, shakeHands } from './handshake.ts';
import type { Secured } from './speak-tls.ts';
import { type Holder, makeAuthority, makeLeaf } from './testing/pki.ts';
import { type Peer, SILENT, startPlainPeer, startTlsPeer } from './testing/servers.ts';

let root: Holder;
let issuing: Holder;
let leaf: Holder;
const peers: Peer[] = [];
const attempts: Attempt[] = [];

beforeAll(async () => {
  root = await makeAuthority({ subject: 'CN=Root' });
  issuing = await makeAuthority({ subject: 'CN=Issuing', issuer: root });
  leaf = await makeLeaf(['app.example'], { issuer: issuing });
});
afterEach(() => {
  for (const attempt of attempts.splice(0)) attempt.end();
});
afterAll(async () => {
  await Promise.all(peers.map((peer) => peer.close()));
});

async function shake(starting: Promise<Peer>, host = 'app.example', deadlines = {}): Promise<Secured & { peer: Peer }> {
  const peer = await starting;
  peers.push(peer);
  const path = { connectTo: { '*:443': peer.address }, deadlines };
  const attempt = startAttempt(deadlines);
  attempts.push(attempt);
  return { ...(await shakeHands(attempt, path, { host, port: 443 })), peer };
}

test('[M2] the chain is the leaf and the issuers that were sent, whoever signed them', async () => {
  const { chain } = await shake(startTlsPeer(leaf, SILENT));
  expect(chain).toEqual([leaf.der, issuing.der]);
});

test('[M2] a leaf alone stays alone: nothing local is added to it', async () => {
  const { chain } = await shake(startTlsPeer({ ...leaf, chain: leaf.pem }, SILENT));
  expect(chain).toEqual([leaf.der]);
});

test('[M2] the roots of this machine add nothing to it either', async () => {
  const before = getCACertificates('default');
  setDefaultCACertificates([root.pem, issuing.pem]);
  try {
    // A server completes its own chain from what it trusts; this one trusts nobody.
    const { chain } = await shake(startTlsPeer({ ...leaf, chain: leaf.pem }, SILENT, { ca: [] }));
    expect(chain).toEqual([leaf.der]);
  } finally {
    setDefaultCACertificates(before);
  }
});

test('[M2] a root that is sent is part of it, once, although it is its own issuer and sent twice', async () => {
  const { chain } = await shake(startTlsPeer({ ...leaf, chain: leaf.chain + root.pem + root.pem }, SILENT));
  expect(chain).toEqual([leaf.der, issuing.der, root.der]);
});

test('[M2] what is reported is cut to 4 certificates and 16 384 bytes', () => {
  const certificate = (bytes: number): Uint8Array => new Uint8Array(bytes);
  expect(presentedChain([1, 2, 3, 4, 5].map(certificate))).toHaveLength(4);
  expect(presentedChain([8_192, 8_192].map(certificate))).toHaveLength(2);
  expect(presentedChain([8_192, 8_193, 1].map(certificate))).toHaveLength(1);
  expect(presentedChain([16_385].map(certificate))).toHaveLength(0);
});

test('the name is sent as SNI, an address is not; no ALPN, no client certificate', async () => {
  const names: (string | false)[] = [];
  const withNames = startTlsPeer(leaf, SILENT, {
    requestCert: true,
    rejectUnauthorized: false,
    ALPNCallback: () => undefined,
    SNICallback(name, done) {
      names.push(name);
      done(null);
    },
  });
  const { socket, peer } = await shake(withNames);
  expect(socket.alpnProtocol).toBe(false);
  expect(socket.getCertificate()).toEqual({});
  await shake(Promise.resolve(peer), '127.0.0.1');
  expect(names).toEqual(['app.example']);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s is spoken, with ECDSA and with RSA, and no session is resumed',
  async (version) => {
    const rsa = await makeLeaf(['app.example'], { issuer: issuing, key: 'rsa' });
    for (const holder of [leaf, rsa]) {
      const { socket, peer } = await shake(startTlsPeer(holder, SILENT, { minVersion: version, maxVersion: version }));
      expect(socket.getProtocol()).toBe(version);
      expect((await shake(Promise.resolve(peer))).socket.isSessionReused()).toBe(false);
    }
  },
);

test.each(['P-256', 'P-384', 'X25519'])('a peer that speaks %s only is understood', async (ecdhCurve) => {
  expect((await shake(startTlsPeer(leaf, SILENT, { ecdhCurve }))).chain).toHaveLength(2);
});

test('TLS 1.1 is not spoken', async () => {
  const old = startTlsPeer(leaf, SILENT, {
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  await expect(shake(old)).rejects.toMatchObject({ reason: 'tls', stage: 'tls' });
});

test('the ClientHello fits one packet: some boxes drop a longer one', async () => {
  const first = new Promise<number>((resolve) => {
    const server = createServer((socket) =>
      socket.once('data', (part) => socket.destroy(server.close() && (resolve(part.length) as undefined))),
    );
    server.listen(0, '127.0.0.1', async () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const attempt = startAttempt();
      const path = { connectTo: { '*:443': `127.0.0.1:${port}` } };
      await shakeHands(attempt, path, { host: 'app.example', port: 443 }).catch(() => attempt.end());
    });
  });
  expect(await first).toBeLessThan(1_000);
});

test('a peer that closes, cuts or speaks no TLS fails at the stage tls', async () => {
  await expect(shake(startPlainPeer((socket) => socket.end()))).rejects.toMatchObject({
    reason: 'reset',
    stage: 'tls',
  });
  await expect(shake(startPlainPeer((socket) => socket.resetAndDestroy()))).rejects.toMatchObject({
    reason: 'reset',
    stage: 'tls',
  });
  await expect(shake(startPlainPeer('HTTP/1.1 400 Bad Request\r\n\r\n'))).rejects.toMatchObject({
    reason: 'tls',
    stage: 'tls',
  });
});

test('[L3] a handshake that hangs runs into its deadline, and into that of the whole', async () => {
  await expect(shake(startPlainPeer(SILENT), 'app.example', { tls: 30 })).rejects.toMatchObject({
    reason: 'timeout',
    stage: 'tls',
  });
  await expect(shake(startPlainPeer(SILENT), 'app.example', { whole: 60 })).rejects.toMatchObject({
    reason: 'timeout',
    stage: 'tls',
  });
});

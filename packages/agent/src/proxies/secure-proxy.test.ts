import type { Socket } from 'node:net';
import { parseCertificate } from '@windlass/x509';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TrustView } from '../ports.ts';
import { type Attempt, startAttempt } from '../transport/attempt.ts';
import { type Holder, makeAuthority, makeLeaf } from '../transport/testing/pki.ts';
import { proxyRoutes } from '../transport/testing/routes.ts';
import { type Conduct, type Peer, startTlsPeer } from '../transport/testing/servers.ts';
import { inspectionCa, now, trusting } from '../transport/testing/trust.ts';

const DAY_MS = 86_400_000;
const target = { host: 'app.example', port: 8883, scheme: 'https' } as const;
const peers: Peer[] = [];
const attempts: Attempt[] = [];
afterEach(async () => {
  for (const attempt of attempts.splice(0)) attempt.end();
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

const established: Conduct = (socket, request) => {
  if (request.startsWith('CONNECT')) socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
};

describe('a proxy that is spoken to in TLS', () => {
  const host = 'proxy.example';
  const proxy = { host, port: 443, tls: true, username: 'plant', password: 'secret' };
  let root: Holder;
  let box: Holder;
  beforeAll(async () => {
    root = await makeAuthority({ subject: 'CN=Public Root' });
    box = await makeAuthority({ subject: 'CN=Box CA' });
  });

  async function secured(holder: Promise<Holder>, trust: TrustView): Promise<{ proxy: Peer; socket: Promise<Socket> }> {
    const started = await startTlsPeer(await holder, established);
    peers.push(started);
    const attempt = startAttempt();
    attempts.push(attempt);
    const routes = proxyRoutes({ connectTo: { '*:443': started.address } }, proxy, null, trust);
    return { proxy: started, socket: routes.open(attempt, target) };
  }

  const refused = { reason: 'tls', stage: 'proxy' };

  test('the tunnel is asked for inside, where a root or an own anchor vouches for it', async () => {
    const good = await secured(makeLeaf([host], { issuer: root }), trusting([root]));
    await good.socket;
    expect(good.proxy.received[0]).toMatch(/^CONNECT app\.example:8883 .*\r\nProxy-Authorization: Basic /s);
    const own = trusting([], { tlsAnchors: [parseCertificate(box.der)] });
    await (await secured(makeLeaf([host], { issuer: box }), own)).socket;
  });

  test('[L10] inspection CAs do not vouch for it, and then it gets nothing, nor is it gone around', async () => {
    const trust = trusting([root], { inspectionCas: [inspectionCa(box)] });
    const { proxy: peer, socket } = await secured(makeLeaf([host], { issuer: box }), trust);
    await expect(socket).rejects.toMatchObject(refused);
    expect(peer.received.join('')).toBe('');
  });

  test('[L10] another name, other dates: refused', async () => {
    const past = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
    for (const [holder, trust] of [
      [makeLeaf(['other.example'], { issuer: root }), trusting([root])],
      [makeLeaf([host], { issuer: root, ...past }), trusting([root])],
    ] as const)
      await expect((await secured(holder, trust)).socket).rejects.toMatchObject(refused);
  });

  test('[L10] without a trusted clock its dates do not count, and all else does', async () => {
    const early = { time: now(-400 * 86_400), state: 'untrusted' } as const;
    await (await secured(makeLeaf([host], { issuer: root }), trusting([root], early))).socket;
    const stranger = await secured(makeLeaf([host], { issuer: box }), trusting([root], early));
    await expect(stranger.socket).rejects.toMatchObject(refused);
  });
});

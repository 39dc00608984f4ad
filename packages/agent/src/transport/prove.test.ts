import { afterEach, beforeAll, expect, test } from 'vitest';
import { createTransport } from './create-transport.ts';
import { type Holder, makeAuthority, makeLeaf } from './testing/pki.ts';
import { type Peer, SILENT, startPlainPeer, startTlsPeer } from './testing/servers.ts';

const target = { host: 'app.example', port: 443 };
let root: Holder;
let issuing: Holder;
let leaf: Holder;
beforeAll(async () => {
  root = await makeAuthority({ subject: 'CN=Box Root' });
  issuing = await makeAuthority({ subject: 'CN=Box Issuing', issuer: root });
  leaf = await makeLeaf([target.host], { issuer: issuing });
});

const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

/** Null: a program of this runtime would accept the service by this bundle. */
async function prove(starting: Promise<Peer>, bundle: string, service = target.host): Promise<string | null> {
  const peer = await starting;
  peers.push(peer);
  const path = { connectTo: { '*:443': peer.address }, deadlines: { tls: 300 } };
  return createTransport({ service, ports: { http: 80, https: target.port }, ...path }).prove(bundle);
}

test('a bundle with the root is effective', async () => {
  expect(await prove(startTlsPeer(leaf, SILENT), root.pem)).toBeNull();
  expect(await prove(startTlsPeer({ ...leaf, chain: leaf.pem }, SILENT), issuing.pem + root.pem)).toBeNull();
});

test('a bundle with the issuing CA alone is so only for programs that take an anchor below the root', async () => {
  expect(await prove(startTlsPeer({ ...leaf, chain: leaf.pem }, SILENT), issuing.pem)).toBe('partial-chain');
  expect(await prove(startTlsPeer(leaf, SILENT), issuing.pem)).toBe('partial-chain');
});

test('a bundle without the CA is not, and the code says so', async () => {
  const stranger = await makeAuthority({ subject: 'CN=Stranger' });
  const refused = await prove(startTlsPeer(leaf, SILENT), stranger.pem);
  expect(refused).toMatch(/^UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/);
});

test('an empty bundle trusts nobody: the roots of Node do not come in', async () => {
  expect(await prove(startTlsPeer(leaf, SILENT), '')).toMatch(/^[A-Z_]+$/);
});

test('another name is refused', async () => {
  const refused = await prove(startTlsPeer(leaf, SILENT), root.pem, 'other.example');
  expect(refused).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('a path that breaks proves nothing, and nothing is sent', async () => {
  expect(await prove(startPlainPeer(SILENT), root.pem)).toBe('tls, timeout');
  expect(await prove(startPlainPeer('HTTP/1.0 400 No\r\n\r\n'), root.pem)).toContain('tls, tls');
  const peer = startTlsPeer(leaf, SILENT);
  await prove(peer, root.pem);
  expect((await peer).received.join('')).toBe('');
});

import { afterEach, beforeAll, expect, test } from 'vitest';
import { observeNative } from './observe-native.ts';
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

async function observe(
  starting: Promise<Peer>,
  bundle: string,
  host = target.host,
): Promise<{ ok: boolean; code: string }> {
  const peer = await starting;
  peers.push(peer);
  return observeNative({ connectTo: { '*:443': peer.address }, deadlines: { tls: 300 } }, { host, port: 443 }, bundle);
}

test('a bundle with the root, or with the issuing CA alone, is effective', async () => {
  expect(await observe(startTlsPeer(leaf, SILENT), root.pem)).toEqual({ ok: true, code: 'ok' });
  expect(await observe(startTlsPeer({ ...leaf, chain: leaf.pem }, SILENT), issuing.pem)).toEqual({
    ok: true,
    code: 'ok',
  });
});

test('a bundle without the CA is not, and the code says so', async () => {
  const stranger = await makeAuthority({ subject: 'CN=Stranger' });
  const { ok, code } = await observe(startTlsPeer(leaf, SILENT), stranger.pem);
  expect(ok).toBe(false);
  expect(code).toMatch(/^UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/);
});

test('an empty bundle trusts nobody: the roots of Node do not come in', async () => {
  expect(await observe(startTlsPeer(leaf, SILENT), '')).toMatchObject({ ok: false });
});

test('another name is refused', async () => {
  expect(await observe(startTlsPeer(leaf, SILENT), root.pem, 'other.example')).toEqual({
    ok: false,
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

test('a path that breaks is not effective, and nothing is sent', async () => {
  expect(await observe(startPlainPeer(SILENT), root.pem)).toEqual({ ok: false, code: 'timeout' });
  const { code } = await observe(startPlainPeer('HTTP/1.0 400 No\r\n\r\n'), root.pem);
  expect(code).toMatch(/SSL|EPROTO/);
  const peer = startTlsPeer(leaf, SILENT);
  await observe(peer, root.pem);
  expect((await peer).received.join('')).toBe('');
});

// What an API of a portal says, and what is no such thing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parts } from '../parts.ts';
import { type Holder, makeAuthority, makeLeaf } from '../transport/testing/pki.ts';
import { answer, type Conduct, type Peer, SILENT, startPlainPeer, startTlsPeer } from '../transport/testing/servers.ts';
import { inspectionCa, now, trusting } from '../transport/testing/trust.ts';
import { askPortal, type PortalOptions, type PortalSeen, parseAnswer } from './portal.ts';

const scratch = mkdtempSync(join(tmpdir(), 'windlass-portal-'));
const json = ['Content-Type: application/captive+json'];
const captive = answer('200 OK', json, '{"captive":true,"user-portal-url":"https://portal.example/login?device=7"}');
const seen = { isCaptive: true, url: 'https://portal.example/login' };
let root: Holder;
let box: Holder;
let leaf: Holder;
const peers: Peer[] = [];
beforeAll(async () => {
  root = await makeAuthority({ subject: 'CN=Root' });
  box = await makeAuthority({ subject: 'CN=Box' });
  leaf = await makeLeaf(['portal.example'], { issuer: root });
});
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

const api = new URL('https://portal.example/captive?x=1');

async function ask(starting: Promise<Peer>, more: Partial<PortalOptions> = {}): Promise<PortalSeen | null> {
  const peer = await starting;
  peers.push(peer);
  const path = {
    connectTo: { 'portal.example:443': peer.address, '*:443': '127.0.0.1:1' },
    deadlines: { 'first-byte': 200 },
  };
  return askPortal(parts, { api, leaseFiles: [], path, trust: () => trusting([root]), ...more });
}

describe('the API of RFC 8908', () => {
  test('is asked for its kind of answer, and learns nothing of the device', async () => {
    expect(await ask(startTlsPeer(leaf, captive))).toEqual(seen);
    expect(peers[0]?.received).toEqual([
      'GET /captive?x=1 HTTP/1.1\r\nHost: portal.example\r\nUser-Agent: windlass\r\nAccept: application/captive+json\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n',
    ]);
  });

  test('is found in leases too, where none is configured', async () => {
    const lease = join(scratch, 'lease');
    writeFileSync(lease, 'CAPTIVE_PORTAL=https://portal.example/captive\n');
    const found = { api: null, leaseFiles: [lease] };
    expect(await ask(startTlsPeer(leaf, captive), found)).toEqual(seen);
    writeFileSync(lease, 'option v4-captive-portal "urn:ietf:params:capport:unrestricted";\n');
    expect(await ask(startTlsPeer(leaf, captive), found)).toEqual({ isCaptive: false, url: null });
    writeFileSync(lease, 'CAPTIVE_PORTAL=http://portal.example/captive\n');
    expect(await ask(startTlsPeer(leaf, captive), found)).toBeNull();
    expect(await ask(startTlsPeer(leaf, captive), { api: null })).toBeNull();
    expect(peers.slice(1).flatMap(({ received }) => received)).toEqual([]);
  });

  test('one that cannot be asked leads to the next', async () => {
    const lease = join(scratch, 'lease');
    writeFileSync(lease, 'CAPTIVE_PORTAL=https://portal.example/captive\n');
    const gone = { api: new URL('https://gone.example/'), leaseFiles: [lease] };
    expect(await ask(startTlsPeer(leaf, captive), gone)).toEqual(seen);
  });

  test('counts where a root vouches for it, at whatever date while the clock is not trusted, and no inspection CA', async () => {
    const early = () => trusting([root], { time: now(-400 * 86_400), state: 'untrusted' });
    expect(await ask(startTlsPeer(leaf, captive), { trust: early })).toEqual(seen);
    const trust = () => trusting([root], { inspectionCas: [inspectionCa(box)] });
    expect(await ask(startTlsPeer(await makeLeaf(['portal.example'], { issuer: box }), captive), { trust })).toBeNull();
  });

  test.each<[string, Conduct]>([
    ['another status', answer('403 No', json, '{"captive":true}')],
    ['a redirect', answer('302 Found', [...json, 'Location: https://portal.example/x'], '{"captive":true}')],
    ['another kind of content', answer('200 OK', ['Content-Type: text/html'], '{"captive":true}')],
    ['a large answer', answer('200 OK', json, `{"captive":true,"x":"${'x'.repeat(17_000)}"}`)],
    [
      'half an answer',
      'HTTP/1.1 200 OK\r\nContent-Type: application/captive+json\r\nContent-Length: 99\r\n\r\n{"captive":true}',
    ],
    ['silence', SILENT],
  ])('%s is no word of it', async (_, conduct) => {
    expect(await ask(startTlsPeer(leaf, conduct))).toBeNull();
  });

  test('without TLS there is none', async () => {
    expect(await ask(startPlainPeer(captive))).toBeNull();
  });

  test.each<[string, PortalSeen | null]>([
    ['{"captive":false}', { isCaptive: false, url: null }],
    ['{"captive":true,"bytes-remaining":7,"can-extend-session":true}', { isCaptive: true, url: null }],
    [
      '{"captive":true,"user-portal-url":"http://10.0.0.1:8080/?a=b#c"}',
      { isCaptive: true, url: 'http://10.0.0.1:8080/' },
    ],
    ['{"captive":true,"user-portal-url":"javascript:alert(1)"}', { isCaptive: true, url: null }],
    ['{"captive":true,"user-portal-url":"https://a/\\u001b[31m"}', { isCaptive: true, url: 'https://a/%1B[31m' }],
    ['{"captive":"true"}', null],
    ['{}', null],
    ['[true]', null],
    ['null', null],
    ['<html>', null],
  ])('%s', (text, expected) => {
    expect(parseAnswer(text)).toEqual(expected);
  });
});

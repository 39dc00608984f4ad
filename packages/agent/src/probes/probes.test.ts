// Endpoints of a profile through all that may stand between: each verdict, and the stage that it was found at.
import { digestOf, type Endpoint } from '@windlass/protocol';
import { parseCertificate } from '@windlass/x509';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { endpointText } from '../command-line/sentences.ts';
import { parts } from '../parts.ts';
import type { ProbeResult, TrustView } from '../ports.ts';
import type { TransportOptions } from '../transport/create-transport.ts';
import { type Holder, makeAuthority, makeLeaf } from '../transport/testing/pki.ts';
import { answer, type Conduct, type Peer, SILENT, startPlainPeer, startTlsPeer } from '../transport/testing/servers.ts';
import { inspectionCa, now, trusting } from '../transport/testing/trust.ts';
import { createProbe } from './probes.ts';

const host = 'app.example';
const html = ['Content-Type: text/html'];
const fine = answer('200 OK', ['Content-Type: text/plain'], 'hello');

let root: Holder;
let box: Holder;
let leaf: Holder;
let boxLeaf: Holder;
let trust: TrustView;
beforeAll(async () => {
  root = await makeAuthority({ subject: 'CN=Public Root' });
  box = await makeAuthority({ subject: 'CN=Box CA,O=Plant A', key: 'rsa' });
  leaf = await makeLeaf([host], { issuer: root });
  boxLeaf = await makeLeaf([host], { issuer: box, key: 'rsa' });
  trust = trusting([root], { inspectionCas: [inspectionCa(box, { permittedNames: [host] })] });
});

const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

interface Probing {
  readonly endpoint?: Partial<Endpoint>;
  readonly trust?: TrustView;
  readonly options?: Partial<TransportOptions>;
}

async function probe(
  starting: Promise<Peer>,
  { endpoint = {}, trust: view = trust, options = {} }: Probing = {},
): Promise<{ result: ProbeResult; peer: Peer }> {
  const peer = await starting;
  peers.push(peer);
  const connectTo = { '*:443': peer.address, '*:8883': peer.address, '*:3128': peer.address };
  const probeOne = createProbe(parts, {
    service: 'service.example',
    ports: { http: 80, https: 443 },
    connectTo,
    ...options,
  });
  const asked: Endpoint = { name: 'app', host, port: 443, protocol: 'https', required: true, ...endpoint };
  return { result: await probeOne(asked, view), peer };
}

const direct = (conduct: Conduct): Promise<Peer> => startTlsPeer(leaf, conduct);
const inspected = (conduct: Conduct): Promise<Peer> => startTlsPeer(boxLeaf, conduct);
const verdict = async (starting: Promise<Peer>, probing?: Probing): Promise<string> => {
  const { verdict: found, stage } = (await probe(starting, probing)).result;
  return `${found} ${stage === 'done'} ${stage}`;
};

describe('HTTPS', () => {
  test('an answer over a chain to a root: direct', async () => {
    const { result, peer } = await probe(direct(fine));
    expect(result).toMatchObject({ endpoint: { name: 'app' }, verdict: 'direct', stage: 'done', issuer: null });
    expect(peer.received).toEqual([
      'GET / HTTP/1.1\r\nHost: app.example\r\nUser-Agent: windlass\r\nAccept: */*\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n',
    ]);
  });

  test('an answer over a chain to an inspection CA: inspected and trusted, with its key', async () => {
    const { result } = await probe(inspected(fine));
    const issuer = digestOf(parseCertificate(box.der).publicKey.der);
    expect(result).toMatchObject({ verdict: 'inspected-trusted', stage: 'done', issuer });
  });

  test('any status of the endpoint itself counts', async () => {
    for (const status of ['404 Not Found', '401 Unauthorized', '403 Forbidden', '500 No', '503 No']) {
      expect(await verdict(direct(answer(status, html, '<html>Blocked by us, via nobody</html>')))).toBe(
        'direct true done',
      );
      expect(await verdict(inspected(answer(status, ['Content-Type: application/json'], '{}')))).toBe(
        'inspected-trusted true done',
      );
    }
    expect(await verdict(direct(answer('302 Found', ['Location: https://elsewhere.example/'], '')))).toBe(
      'direct true done',
    );
    expect(await verdict(inspected(answer('301 Moved', ['Location: https://www.app.example/'], '')))).toBe(
      'inspected-trusted true done',
    );
    expect(await verdict(inspected(answer('200 OK', html, '<form>log in <input type="password"></form>')))).toBe(
      'inspected-trusted true done',
    );
  });

  test('[L6] an unknown issuer: inspected and untrusted, and not a byte is sent', async () => {
    const { result, peer } = await probe(inspected(fine), { trust: trusting([root]) });
    expect(result).toMatchObject({ verdict: 'inspected-untrusted', stage: 'tls', issuer: null });
    expect(endpointText(result)).toBe('signed by "CN=Box CA, O=Plant A", which is not trusted for this name');
    expect(peer.received.join('')).toBe('');
  });

  test('[L6] an inspection CA beyond its scope or its end is untrusted', async () => {
    for (const more of [
      { permittedNames: ['example.com'] },
      { excludedNames: ['app.example'] },
      { until: now(-1) },
      { from: now(9) },
    ]) {
      const view = trusting([root], { inspectionCas: [inspectionCa(box, more)] });
      expect(await verdict(inspected(fine), { trust: view })).toBe('inspected-untrusted false tls');
    }
  });

  test('[L6] an unknown issuer stays untrusted when the clock is not', async () => {
    expect(await verdict(inspected(fine), { trust: { ...trusting([root]), state: 'untrusted' } })).toBe(
      'inspected-untrusted false tls',
    );
    const { result, peer } = await probe(direct(fine), {
      trust: { ...trust, state: 'untrusted', time: now(-1_700_000_000) },
    });
    expect(result).toMatchObject({ verdict: 'blocked', stage: 'tls' });
    expect(endpointText(result)).toContain('is not-yet-valid: check the clock');
    expect(peer.received.join('')).toBe('');
  });

  test('a certificate for another name: name rewritten', async () => {
    const other = startTlsPeer(await makeLeaf(['portal.example'], { issuer: root }), fine);
    expect(await verdict(other)).toBe('name-rewritten false tls');
  });

  test('what is shown of an issuer is printable and short', async () => {
    const evil = await makeAuthority({ subject: `CN=\u001b[31mgr\u00fcn"<b>${'x'.repeat(200)}` });
    const { result } = await probe(startTlsPeer(await makeLeaf([host], { issuer: evil }), fine));
    expect(endpointText(result)).toMatch(/^[ -~]+$/);
    expect(endpointText(result).length).toBeLessThan(160);
  });

  test.each([
    ['403 Forbidden', ['Via: 1.1 box', ...html], '<html>no</html>'],
    ['503 Service Unavailable', ['X-Squid-Error: ERR_SECURE_CONNECT_FAIL 0', ...html], '<html>no</html>'],
    ['502 Bad Gateway', ['via: 1.1 mitmproxy', ...html], '<html>no</html>'],
    ['200 OK', html, '<html><title>Web Page Blocked</title></html>'],
    ['200 OK', [], '<!DOCTYPE html><html>The requested URL could not be retrieved</html>'],
  ])('a block page of the box with status %s: blocked', async (status, headers, body) => {
    expect(await verdict(inspected(answer(status, headers, body)))).toBe('blocked false body');
  });

  test('a portal: captive; a proxy that wants a password: proxy authentication', async () => {
    expect(await verdict(inspected(answer('302 Found', ['Location: http://portal.test/'], '')))).toBe(
      'captive false body',
    );
    expect(await verdict(inspected(answer('511 Log In', html, '<html></html>')))).toBe('captive false body');
    expect(await verdict(inspected(answer('407 Who', html, '<html></html>')))).toBe('proxy-authentication false body');
  });

  test('inspected and then silent, closed or cut: needs bypass', async () => {
    const options = { deadlines: { 'first-byte': 40 } };
    expect(await verdict(inspected(SILENT), { options })).toBe('needs-bypass false first-byte');
    expect(await verdict(inspected((socket) => socket.end()))).toBe('needs-bypass false first-byte');
    const wantsCertificate = startTlsPeer(boxLeaf, fine, {
      requestCert: true,
      rejectUnauthorized: true,
      ca: [root.pem],
    });
    expect(await verdict(wantsCertificate)).toBe('needs-bypass false first-byte');
  });

  test('direct and then silent: blocked; direct and a client certificate wanted: direct', async () => {
    expect(await verdict(direct(SILENT), { options: { deadlines: { 'first-byte': 40 } } })).toBe(
      'blocked false first-byte',
    );
    const wantsCertificate = startTlsPeer(leaf, fine, {
      requestCert: true,
      rejectUnauthorized: true,
      ca: [root.pem],
      minVersion: 'TLSv1.3',
    });
    expect(await verdict(wantsCertificate)).toBe('direct true done');
  });

  test('an anchor of the service does not hold for an endpoint', async () => {
    const view = trusting([root], { tlsAnchors: [parseCertificate(box.der)] });
    expect(await verdict(inspected(fine), { trust: view })).toBe('inspected-untrusted false tls');
  });
});

describe('on the way', () => {
  test('each stage that breaks is named', async () => {
    const lookup = (): Promise<string[]> => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
    expect(await verdict(direct(fine), { options: { lookup, connectTo: {} } })).toBe('blocked false name');
    expect(await verdict(direct(fine), { options: { connectTo: { '*:443': '127.0.0.1:1' } } })).toBe(
      'blocked false connect',
    );
    expect(await verdict(startPlainPeer((socket) => socket.destroy()))).toBe('blocked false tls');
    expect(await verdict(startPlainPeer(SILENT), { options: { deadlines: { tls: 40 } } })).toBe('blocked false tls');
  });

  test('the explicit proxy wants a password, shows a portal, or refuses', async () => {
    const options = { explicitProxy: { host: 'proxy.example', port: 3128 } };
    expect(await verdict(startPlainPeer('HTTP/1.1 407 Who\r\n\r\n'), { options })).toBe(
      'proxy-authentication false proxy',
    );
    expect(await verdict(startPlainPeer('HTTP/1.1 302 Found\r\n\r\n'), { options })).toBe('captive false proxy');
    expect(await verdict(startPlainPeer('HTTP/1.1 403 No\r\n\r\n'), { options })).toBe('blocked false proxy');
  });
});

describe('MQTT over TLS', () => {
  const endpoint = { protocol: 'mqtts', port: 8883 } as const;
  const connack = (code: number): Conduct => Buffer.from([0x20, 0x02, 0x00, code]);

  test('a CONNACK of any code counts', async () => {
    expect(await verdict(direct(connack(0)), { endpoint })).toBe('direct true done');
    expect(await verdict(inspected(connack(5)), { endpoint })).toBe('inspected-trusted true done');
  });

  test('CONNECT is MQTT 3.1.1 with a clean session and nothing about the device; it ends with DISCONNECT', async () => {
    const { peer } = await probe(
      direct((socket) => socket.write(Buffer.from([0x20, 0x02, 0x00, 0x00]))),
      { endpoint },
    );
    const connect = '\x10\x14\x00\x04MQTT\x04\x02\x00\x0a\x00\x08windlass';
    expect(Buffer.byteLength(connect)).toBe(0x14 + 2);
    await expect.poll(() => peer.received).toEqual([`${connect}\xe0\x00`]);
  });

  test('a CONNACK in pieces is put together', async () => {
    const pieces: Conduct = (socket) => {
      socket.write(Buffer.from([0x20]), () => setTimeout(() => socket.write(Buffer.from([0x02, 0x00])), 10));
      setTimeout(() => socket.write(Buffer.from([0x00])), 40);
    };
    expect(await verdict(direct(pieces), { endpoint })).toBe('direct true done');
  });

  test('HTTP instead of MQTT: needs bypass where it is inspected, blocked where not', async () => {
    expect(await verdict(inspected('HTTP/1.1 400 Bad Request\r\n\r\n'), { endpoint })).toBe(
      'needs-bypass false first-byte',
    );
    expect(await verdict(direct('HTTP/1.1 400 Bad Request\r\n\r\n'), { endpoint })).toBe('blocked false first-byte');
  });

  test('half a CONNACK and silence: no success', async () => {
    const half: Conduct = (socket) => socket.write(Buffer.from([0x20, 0x02, 0x00]));
    expect(await verdict(direct(half), { endpoint, options: { deadlines: { 'first-byte': 60 } } })).toBe(
      'blocked false first-byte',
    );
    expect(
      await verdict(
        inspected((socket) => socket.end(Buffer.from([0x20]))),
        { endpoint },
      ),
    ).toBe('needs-bypass false first-byte');
  });

  test('[L6] nothing is sent to a broker with an unknown issuer', async () => {
    const { result, peer } = await probe(inspected(connack(0)), { endpoint, trust: trusting([root]) });
    expect(result).toMatchObject({ verdict: 'inspected-untrusted', stage: 'tls' });
    expect(peer.received.join('')).toBe('');
  });
});

describe('bare TLS', () => {
  const endpoint = { protocol: 'tls' } as const;

  test('a validated handshake counts, and nothing is sent', async () => {
    const { result, peer } = await probe(direct(SILENT), { endpoint });
    expect(result).toMatchObject({ verdict: 'direct', stage: 'done' });
    expect(await verdict(inspected(SILENT), { endpoint })).toBe('inspected-trusted true done');
    expect(peer.received.join('')).toBe('');
  });

  test('[L6] one that is not valid does not', async () => {
    expect(await verdict(inspected(SILENT), { endpoint, trust: trusting([root]) })).toBe(
      'inspected-untrusted false tls',
    );
  });
});

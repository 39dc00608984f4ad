// Endpoints of a profile through all that may stand between: each verdict, and the stage that it was found at.
import { digestOf } from '@windlass/protocol';
import { parseCertificate } from '@windlass/x509';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { endpointText } from '../command-line/sentences.ts';
import { makeAuthority, makeLeaf } from '../transport/testing/pki.ts';
import { answer, SILENT, startPlainPeer, startTlsPeer } from '../transport/testing/servers.ts';
import { inspectionCa, now, trusting } from '../transport/testing/trust.ts';
import { createProber, fine, host, html, type Prober } from './testing/probing.ts';

let root: Prober['root'];
let box: Prober['box'];
let leaf: Prober['leaf'];
let boxLeaf: Prober['boxLeaf'];
let direct: Prober['direct'];
let inspected: Prober['inspected'];
let probe: Prober['probe'];
let verdict: Prober['verdict'];
let trust: Prober['trust'];
let close: Prober['close'];
beforeAll(async () => {
  ({ root, box, leaf, boxLeaf, direct, inspected, probe, verdict, trust, close } = await createProber());
});

afterEach(() => close());

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
  ])('[M5] a block page of the box with status %s: blocked', async (status, headers, body) => {
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
    const explicitProxy = { host: 'proxy.example', port: 3128 };
    expect(await verdict(startPlainPeer('HTTP/1.1 407 Who\r\n\r\n'), { explicitProxy })).toBe(
      'proxy-authentication false proxy',
    );
    expect(await verdict(startPlainPeer('HTTP/1.1 302 Found\r\n\r\n'), { explicitProxy })).toBe('captive false proxy');
    expect(await verdict(startPlainPeer('HTTP/1.1 403 No\r\n\r\n'), { explicitProxy })).toBe('blocked false proxy');
  });
});

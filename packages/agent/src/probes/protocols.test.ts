// Endpoints that speak something else than plain HTTP.
import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { endpointText } from '../command-line/sentences.ts';
import { answer, type Conduct, SILENT, startTlsPeer } from '../transport/testing/servers.ts';
import { trusting } from '../transport/testing/trust.ts';
import { createProber, fine, html, type Prober } from './testing/probing.ts';

let root: Prober['root'];
let leaf: Prober['leaf'];
let direct: Prober['direct'];
let inspected: Prober['inspected'];
let probe: Prober['probe'];
let verdict: Prober['verdict'];
let close: Prober['close'];
beforeAll(async () => {
  ({ root, leaf, direct, inspected, probe, verdict, close } = await createProber());
});

afterEach(() => close());

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

describe('MQTT on 443', () => {
  const endpoint = { protocol: 'mqtts', alpn: 'x-amzn-mqtt-ca' } as const;
  const connack = Buffer.from([0x20, 0x02, 0x00, 0x00]);

  test('the protocol is offered by ALPN, and by nothing else', async () => {
    let agreed: string | false | null = null;
    const broker = startTlsPeer(
      leaf,
      (socket) => {
        agreed = (socket as TLSSocket).alpnProtocol;
        socket.end(connack);
      },
      { ALPNProtocols: ['h2', 'x-amzn-mqtt-ca'] },
    );
    expect(await verdict(broker, { endpoint })).toBe('direct true done');
    expect(agreed).toBe('x-amzn-mqtt-ca');
  });

  test('a box that strips ALPN and passes MQTT is no trouble; one that speaks HTTP needs a bypass', async () => {
    expect(await verdict(inspected(connack), { endpoint })).toBe('inspected-trusted true done');
    expect(await verdict(inspected('HTTP/1.1 400 Bad Request\r\n\r\n'), { endpoint })).toBe(
      'needs-bypass false first-byte',
    );
  });
});

describe('WebSocket', () => {
  const endpoint = { protocol: 'wss', path: '/mqtt?a=1' } as const;
  const granting: Conduct = (socket, request) => {
    const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1];
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.end(switching(accept));
  };
  const switching = (accept: string): string =>
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;

  test('[M5] status 101 that grants this request counts', async () => {
    const { result, peer } = await probe(inspected(granting), { endpoint });
    expect(result).toMatchObject({ verdict: 'inspected-trusted', stage: 'done' });
    expect(endpointText(result)).toBe('TLS is valid, WebSocket answers, through a trusted inspecting proxy');
    expect(await verdict(direct(granting), { endpoint })).toBe('direct true done');
    expect(peer.received[0]).toMatch(
      /^GET \/mqtt\?a=1 HTTP\/1\.1\r\nHost: app\.example\r\nUser-Agent: windlass\r\nAccept: \*\/\*\r\nCache-Control: no-store\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: [A-Za-z0-9+/]{22}==\r\nSec-WebSocket-Version: 13\r\n\r\n$/,
    );
  });

  test('[M5] 101 for another request, or without an upgrade, is no success', async () => {
    const kept = switching(createHash('sha1').update('an older answer').digest('base64'));
    expect(await verdict(inspected(kept), { endpoint })).toBe('needs-bypass false first-byte');
    expect(await verdict(direct(kept), { endpoint })).toBe('blocked false first-byte');
  });

  test('[M5] a plain answer counts where nobody inspects; through a box it ate the upgrade', async () => {
    for (const plain of [
      fine,
      answer('401 Who', ['Content-Type: text/plain'], 'who?'),
      answer('426 Upgrade', [], ''),
    ]) {
      expect(await verdict(direct(plain), { endpoint })).toBe('direct true done');
      expect(await verdict(inspected(plain), { endpoint })).toBe('needs-bypass false first-byte');
    }
  });

  test('a block page in place of it: blocked', async () => {
    expect(await verdict(inspected(answer('403 No', ['Via: 1.1 box', ...html], '<html>no</html>')), { endpoint })).toBe(
      'blocked false body',
    );
  });
});

describe('AMQP over TLS', () => {
  const endpoint = { protocol: 'amqps', port: 5671 } as const;
  const start = Buffer.concat([Buffer.from('0100000000001d000a000a', 'hex'), Buffer.from('\x00\x09')]);

  test('[M5] the start of a connection, and the header that the server speaks, count', async () => {
    const { result, peer } = await probe(inspected(start), { endpoint });
    expect(result).toMatchObject({ verdict: 'inspected-trusted', stage: 'done' });
    expect(peer.received).toEqual(['AMQP\x00\x00\x09\x01']);
    expect(await verdict(direct('AMQP\x03\x01\x00\x00'), { endpoint })).toBe('direct true done');
  });

  test('[M5] what we sent, sent back, or the beginning of an answer, does not', async () => {
    const echo: Conduct = (socket, request) => socket.end(Buffer.from(request, 'latin1'));
    expect(await verdict(direct(echo), { endpoint })).toBe('blocked false first-byte');
    expect(await verdict(direct(start.subarray(0, 10)), { endpoint })).toBe('blocked false first-byte');
    expect(await verdict(direct(Buffer.from('0100000000001d000a0014', 'hex')), { endpoint })).toBe(
      'blocked false first-byte',
    );
  });

  test('HTTP in place of AMQP: needs bypass where it is inspected, blocked where not', async () => {
    const http = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    expect(await verdict(inspected(http), { endpoint })).toBe('needs-bypass false first-byte');
    const { result } = await probe(direct(http), { endpoint });
    expect(result).toMatchObject({ verdict: 'blocked', stage: 'first-byte' });
    expect(endpointText(result)).toBe('what came is not AMQP');
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

  test('[M5] with ALPN it must have been agreed on', async () => {
    const alpn = 'postgresql';
    const speaking = { ALPNProtocols: [alpn] };
    expect(await verdict(startTlsPeer(leaf, SILENT, speaking), { endpoint: { ...endpoint, alpn } })).toBe(
      'direct true done',
    );
    const { result } = await probe(direct(SILENT), { endpoint: { ...endpoint, alpn } });
    expect(result).toMatchObject({ verdict: 'blocked', stage: 'tls', reason: 'alpn' });
    expect(await verdict(inspected(SILENT), { endpoint: { ...endpoint, alpn } })).toBe('needs-bypass false tls');
  });

  test('[L6] one that is not valid does not', async () => {
    expect(await verdict(inspected(SILENT), { endpoint, trust: trusting([root]) })).toBe(
      'inspected-untrusted false tls',
    );
  });
});

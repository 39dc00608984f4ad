import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { ProtocolError } from '@windlass/protocol';
import { toPem } from '@windlass/x509';
import { afterEach, expect, test } from 'vitest';
import { QuotaError, StoreError } from '../errors.ts';
import { SignerError } from '../signer/ports.ts';
import { makeCa, makeLeaf } from '../testing/test-pki.ts';
import { type DeviceHandlers, type DeviceListener, startDeviceListener } from './device-listener.ts';
import type { TlsIdentity } from './tls-files.ts';

const BOOTSTRAP = '/.well-known/windlass/v1/bootstrap';
const REPORT = '/.well-known/windlass/v1/report';

function identity(key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey): TlsIdentity {
  const leaf = makeLeaf(makeCa('TLS CA'), { key });
  const pkcs8 = createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' }));
  return {
    certificate: toPem('CERTIFICATE', leaf.certificate.der),
    key: pkcs8.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const received: string[] = [];
const lines: object[] = [];
const echo: DeviceHandlers = {
  bootstrap: async (body) => {
    received.push(Buffer.from(body).toString());
    return { body: '{"decision":{}}', outcome: 'granted' };
  },
  report: async () => '{"payload":"","signature":""}',
  health: async () => ({ status: 'ok' }),
};

let listener: DeviceListener | null = null;
afterEach(async () => {
  await listener?.close();
  listener = null;
  received.length = 0;
  lines.length = 0;
});

async function start(
  change: Partial<DeviceHandlers> = {},
  tls: readonly TlsIdentity[] = [],
  requestsPerSecond = 1_000,
) {
  const record = (fields: object) => lines.push(fields);
  listener = await startDeviceListener({
    handlers: { ...echo, ...change },
    address: '127.0.0.1',
    httpPort: 0,
    httpsPort: tls.length === 0 ? null : 0,
    tls,
    requestsPerSecond,
    log: { info: record, error: record },
  });
  return listener.urls;
}

interface Received {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Headers = Readonly<Record<string, string>>;

function send(url: string, body: string | Buffer | null, headers: Headers = {}, method = 'POST'): Promise<Received> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false, rejectUnauthorized: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

const neutral = JSON.stringify({ type: 'about:blank', title: 'Bad Request', status: 400 });

test('a request is answered, whatever its content type says, and is not to be stored', async () => {
  const urls = await start();
  for (const type of ['application/json', 'text/plain', 'nonsense', '']) {
    const headers: Headers = type === '' ? {} : { 'content-type': type };
    const answer = await send(`${urls['device-http']}${BOOTSTRAP}`, 'request', headers);
    expect(answer).toMatchObject({
      status: 200,
      body: '{"decision":{}}',
      headers: { 'content-type': expect.stringMatching(/^application\/json/), 'cache-control': 'no-store' },
    });
  }
  expect(received).toEqual(['request', 'request', 'request', 'request']);
  expect(await send(`${urls['device-http']}${REPORT}`, 'report')).toMatchObject({ status: 200 });
  const health = await send(`${urls['device-http']}/healthz`, null, {}, 'GET');
  expect(health).toMatchObject({ status: 200, body: '{"status":"ok"}' });
});

test('[M4] every outcome that is signed comes with status 200, a refusal too', async () => {
  const bootstrap = async () => ({ body: '{"decision":{}}', outcome: 'refused' });
  const urls = await start({ bootstrap });
  expect(await send(`${urls['device-http']}${BOOTSTRAP}`, 'x')).toMatchObject({ status: 200, body: '{"decision":{}}' });
  expect(lines).toContainEqual({ route: 'bootstrap', status: 200, outcome: 'refused', count: 1 });
});

test('HTTP/1.0, a chunked body and a closed connection are fine', async () => {
  const urls = await start();
  const url = `${urls['device-http']}${BOOTSTRAP}`;
  const old = await sendRaw(url, `POST ${BOOTSTRAP} HTTP/1.0\r\nContent-Length: 7\r\n\r\nrequest`);
  expect(old).toContain('{"decision":{}}');
  const chunked = await send(url, 'request', { 'transfer-encoding': 'chunked', connection: 'close' });
  expect(chunked).toMatchObject({ status: 200, headers: { connection: 'close' } });
});

test('[S1] every refusal before the device is verified is the same bytes', async () => {
  const codes = ['json', 'signer-untrusted', 'device-mismatch', 'service'] as const;
  const failing = codes.map((code) => new ProtocolError(code, `secret reason ${code}`));
  const bootstrap = async () => {
    throw failing.shift();
  };
  const urls = await start({ bootstrap });
  const url = `${urls['device-http']}${BOOTSTRAP}`;
  const answers = [
    ...(await Promise.all(codes.map(() => send(url, 'x')))),
    await send(url, Buffer.alloc(65_537)),
    await send(url, gzipSync('request'), { 'content-encoding': 'gzip' }),
  ];
  const distinct = new Set(
    answers.map(({ status, body, headers }) =>
      JSON.stringify([status, body, headers['content-type'], headers['cache-control']]),
    ),
  );
  expect([...distinct]).toEqual([JSON.stringify([400, neutral, 'application/problem+json', 'no-store'])]);
  expect(lines).toContainEqual({ route: 'bootstrap', status: 400, outcome: 'signer-untrusted', count: 1 });
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test('a body of 65 536 bytes comes through, one more does not', async () => {
  const urls = await start();
  const url = `${urls['device-http']}${BOOTSTRAP}`;
  expect(await send(url, Buffer.alloc(65_536, 'a'))).toMatchObject({ status: 200 });
  expect(await send(url, Buffer.alloc(65_537, 'a'))).toMatchObject({ status: 400, body: neutral });
  expect(received.map((body) => body.length)).toEqual([65_536]);
});

test('a compressed body is refused and not decoded', async () => {
  const urls = await start();
  const bomb = gzipSync(Buffer.alloc(10_000_000));
  const url = `${urls['device-http']}${BOOTSTRAP}`;
  expect(await send(url, bomb, { 'content-encoding': 'gzip' })).toMatchObject({ status: 400, body: neutral });
  expect(await send(url, 'x', { 'content-encoding': 'identity' })).toMatchObject({ status: 200 });
});

test('what is not HTTP gets the neutral problem and is cut off', async () => {
  const urls = await start();
  const answer = await sendRaw(`${urls['device-http']}`, '\x16\x03\x01\x00\x05hello\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  expect(answer).toContain(neutral);
  expect(await sendRaw(`${urls['device-http']}`, `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)).toContain(
    neutral,
  );
});

test('other paths and methods: not found, nothing else', async () => {
  const urls = await start();
  for (const [path, method] of [
    ['/', 'GET'],
    [BOOTSTRAP, 'GET'],
    [`${BOOTSTRAP}/`, 'POST'],
    ['/v1/devices', 'GET'],
  ] as const) {
    expect(await send(`${urls['device-http']}${path}`, null, {}, method)).toMatchObject({ status: 404 });
  }
});

test('an address that asks too much: 429 with a time to wait, and its body is not read', async () => {
  const urls = await start({}, [], 1);
  const url = `${urls['device-http']}${BOOTSTRAP}`;
  const answers: Received[] = [];
  for (let index = 0; index < 5; index += 1) answers.push(await send(url, 'x'));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
  expect(answers[4]).toMatchObject({ headers: { 'retry-after': '1', 'content-type': 'application/problem+json' } });
  expect(received).toHaveLength(4);
});

test('a failure of ours: 503 with a time to wait, 500 for a bug, and the cause only in the log', async () => {
  const causes = [
    new StoreError('full', 'The database x cannot grow.'),
    new SignerError('signer-expired', 'No responder.'),
    new Error('a bug with a secret path'),
  ];
  const report = async () => {
    throw causes.shift();
  };
  const urls = await start({ report });
  const url = `${urls['device-http']}${REPORT}`;
  expect(await send(url, 'x')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  expect(await send(url, 'x')).toMatchObject({ status: 503 });
  const bug = await send(url, 'x');
  expect(bug).toMatchObject({ status: 500, body: expect.not.stringContaining('secret') });
  expect(lines).toContainEqual(expect.objectContaining({ route: 'report', err: expect.any(StoreError) }));
});

test('HTTPS: the same routes, ECDSA and RSA, nothing older than TLS 1.2, no client certificate asked for', async () => {
  const rsa = identity(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
  const urls = await start({}, [identity(), rsa]);
  expect(await send(`${urls['device-https']}${BOOTSTRAP}`, 'request')).toMatchObject({ status: 200 });
  const { port } = new URL(urls['device-https'] ?? '');
  const handshake = (options: object) =>
    new Promise<string>((resolve) => {
      const socket = connectTls(
        { port: Number(port), host: '127.0.0.1', rejectUnauthorized: false, ...options },
        () => {
          resolve(`${socket.getProtocol()} ${socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType}`);
          socket.destroy();
        },
      );
      socket.on('error', () => resolve('refused'));
    });
  expect(await handshake({})).toBe('TLSv1.3 ec');
  expect(await handshake({ sigalgs: 'rsa_pss_rsae_sha256' })).toBe('TLSv1.3 rsa');
  expect(await handshake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })).toBe('TLSv1.2 rsa');
  expect(await handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' })).toBe(
    'refused',
  );
});

test('HTTPS shows a new certificate without a restart', async () => {
  const urls = await start({}, [identity()]);
  const { port } = new URL(urls['device-https'] ?? '');
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connectTls({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const before = await shown();
  listener?.replaceTls([identity()]);
  expect(await shown()).not.toBe(before);
});

test('closing: what is under way is answered, idle connections are cut, nothing new is accepted', async () => {
  let answer = (_: { body: string; outcome: string }) => {};
  let entered = () => {};
  const inHandler = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const bootstrap = () =>
    new Promise<{ body: string; outcome: string }>((resolve) => {
      answer = resolve;
      entered();
    });
  const urls = await start({ bootstrap });
  const url = new URL(urls['device-http'] ?? '');
  const idle = connect(Number(url.port), url.hostname);
  const idleClosed = new Promise((resolve) => idle.on('close', resolve));
  idle.on('error', () => undefined);
  const underWay = send(`${url.origin}${BOOTSTRAP}`, 'x');
  await inHandler;
  const closed = listener?.close();
  answer({ body: '{"late":true}', outcome: 'granted' });
  expect(await underWay).toMatchObject({ status: 200, body: '{"late":true}' });
  await closed;
  await idleClosed;
  await expect(send(`${url.origin}${BOOTSTRAP}`, 'x')).rejects.toThrow('ECONNREFUSED');
  listener = null;
});

test('a connection that sends half a request does not keep the listener from closing', async () => {
  const urls = await start();
  const { port, hostname } = new URL(urls['device-http'] ?? '');
  const socket = connect(Number(port), hostname, () =>
    socket.write(`POST ${BOOTSTRAP} HTTP/1.1\r\nHost: x\r\nContent-Le`),
  );
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await listener?.close();
  await closed;
  listener = null;
});

test('a port that is not free: nothing stays open', async () => {
  const urls = await start();
  const { port } = new URL(urls['device-http'] ?? '');
  const options = { handlers: echo, address: '127.0.0.1', httpPort: Number(port), httpsPort: null, tls: [] };
  const log = { info: () => undefined, error: () => undefined };
  await expect(startDeviceListener({ ...options, requestsPerSecond: 1, log })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('who sends and never reads is cut off', async () => {
  listener = await startDeviceListener({
    handlers: echo,
    address: '127.0.0.1',
    httpPort: 0,
    httpsPort: null,
    tls: [],
    requestsPerSecond: 1_000,
    idleMilliseconds: 300,
    log: { info: () => undefined, error: () => undefined },
  });
  const socket = connect(Number(new URL(listener.urls['device-http'] ?? '').port), '127.0.0.1').pause();
  socket.on('error', () => undefined);
  const cut = new Promise((resolve) => socket.once('close', resolve));
  const asked = Buffer.from('GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000));
  const send = () => {
    while (socket.writable && socket.write(asked));
  };
  socket.on('drain', send);
  socket.once('connect', send);
  await cut;
});

test('a device above its quota is told to come back later', async () => {
  const bootstrap = async () => {
    throw new QuotaError(5);
  };
  const urls = await start({ bootstrap });
  const { status, headers } = await send(`${urls['device-http']}${BOOTSTRAP}`, '{}');
  expect([status, headers['retry-after']]).toEqual([429, '5']);
});

test('[S1] a path that cannot be read gets the neutral problem too', async () => {
  const urls = await start();
  const { status, body } = await send(`${urls['device-http']}/%zz`, null, {}, 'GET');
  expect([status, JSON.parse(body)]).toEqual([400, { type: 'about:blank', title: 'Bad Request', status: 400 }]);
});

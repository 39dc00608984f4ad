// One request and its answer, on plain HTTP: what is sent, and what each thing that may come back is taken for.
import { deflateSync, gzipSync } from 'node:zlib';
import { isAnswer, isEnvelope, unixSeconds } from '@windlass/protocol';
import { afterEach, expect, test } from 'vitest';
import type { Connection, Exchange, TrustView } from '../ports.ts';
import type { ExplicitProxy } from '../proxies/tunnel.ts';
import { createTransport, type TransportOptions } from './create-transport.ts';
import { proxyRoutes } from './testing/routes.ts';
import { answer, type Conduct, type Peer, SILENT, startPlainPeer } from './testing/servers.ts';

const service = 'service.example';
const path = '/.well-known/windlass/v1/bootstrap';
const signed = '{"payload":"{\\"serial\\":\\"S-1\\"}","signature":"MAA="}';
const envelope = '{"decision":{"payload":"{}","signature":"MAA="}}';
const json = ['Content-Type: application/json'];
const nobody: TrustView = {
  roots: [],
  tlsAnchors: [],
  inspectionCas: [],
  time: unixSeconds(1_800_000_000),
  state: 'trusted',
};

const isEither = (body: Uint8Array): boolean => isAnswer(body) || isEnvelope(body);

const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

type Options = Partial<TransportOptions> & { readonly explicitProxy?: ExplicitProxy };

async function post(
  conduct: Conduct,
  { explicitProxy, ...more }: Options = {},
  body = signed,
): Promise<{ exchange: Exchange; sent: string[] }> {
  const peer = await startPlainPeer(conduct);
  peers.push(peer);
  const connectTo = { '*:80': peer.address, '*:8080': peer.address, '*:3128': peer.address };
  const routes = explicitProxy && proxyRoutes({ connectTo }, explicitProxy);
  const transport = createTransport({ service, ports: { http: 80, https: 443 }, connectTo, routes, ...more });
  const connection = await transport.connect('http', nobody);
  if ('kind' in connection) throw new Error(connection.cause);
  return { exchange: await connection.post(path, body, isEither), sent: peer.received };
}

const posted = async (conduct: Conduct, more: Options = {}): Promise<Exchange> => (await post(conduct, more)).exchange;
const taken = { kind: 'body', body: Buffer.from(envelope) };
const none = (cause: string, stage: string): object => expect.objectContaining({ kind: 'no-answer', cause, stage });

test('[L7] the request has exactly the header fields of the specification, and nothing about the device outside of the body', async () => {
  const { sent } = await post(answer('200 OK', json, envelope));
  expect(sent).toEqual([
    `POST ${path} HTTP/1.1\r\nHost: service.example\r\nUser-Agent: windlass\r\nAccept: application/json\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${signed.length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${signed}`,
  ]);
});

test('[L5] Content-Length counts bytes, and the request is not chunked', async () => {
  const { sent } = await post(answer('200 OK', json, envelope), {}, '{"payload":"ä€","signature":""}');
  expect(sent[0]).toContain('\r\nContent-Length: 34\r\n');
  expect(sent[0]).not.toMatch(/transfer-encoding|expect/i);
});

test('another port than the default one stands in Host', async () => {
  const { sent } = await post(answer('200 OK', json, envelope), { ports: { http: 8080, https: 443 } });
  expect(sent[0]).toContain('\r\nHost: service.example:8080\r\n');
});

test('[M3] a cookie and an authorization that were asked for are not sent, in the next request either', async () => {
  const conduct = answer(
    '401 Unauthorized',
    ['Set-Cookie: id=1', 'WWW-Authenticate: Basic realm="x"'],
    '<html></html>',
  );
  const peer = await startPlainPeer(conduct);
  peers.push(peer);
  const transport = createTransport({ service, ports: { http: 80, https: 443 }, connectTo: { '*:80': peer.address } });
  for (let i = 0; i < 2; i++) {
    const connection = (await transport.connect('http', nobody)) as Connection;
    expect(await connection.post(path, signed, isEither)).toEqual(none('blocked', 'body'));
  }
  expect(peer.received).toHaveLength(2);
  expect(peer.received.join()).not.toMatch(/cookie|authorization/i);
});

test('through an explicit proxy the request has the absolute form', async () => {
  const { sent } = await post(answer('200 OK', json, envelope), {
    explicitProxy: { host: 'proxy.example', port: 3128 },
  });
  expect(sent[0]).toMatch(
    new RegExp(`^POST http://service\\.example${path} HTTP/1\\.1\r\nHost: service\\.example\r\n`),
  );
  expect(sent[0]).not.toMatch(/authorization/i);
});

test('configured credentials go to the explicit proxy, and to nobody else', async () => {
  const explicitProxy = { host: 'proxy.example', port: 3128, username: 'plant', password: 'secret' };
  const { sent } = await post(answer('200 OK', json, envelope), { explicitProxy });
  expect(sent[0]).toContain(`\r\nProxy-Authorization: Basic ${Buffer.from('plant:secret').toString('base64')}\r\n`);
  expect(sent[0]).not.toMatch(/\r\nAuthorization/i);
});

test('[L5] Content-Length, chunked, close-delimited, HTTP/1.0 and header-less answers are read alike', async () => {
  expect(await posted(answer('200 OK', json, envelope))).toEqual(taken);
  const half = envelope.slice(0, 10);
  const rest = envelope.slice(10);
  const chunked = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\na\r\n${half}\r\n${rest.length.toString(16)};x=y\r\n${rest}\r\n0\r\nTrailer: 1\r\n\r\n`;
  expect(await posted(chunked)).toEqual(taken);
  expect(await posted(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${envelope}`)).toEqual(taken);
  expect(await posted(`HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${envelope}`)).toEqual(taken);
  expect(await posted(`HTTP/1.1 200 OK\r\n\r\n${envelope}`)).toEqual(taken);
});

test('[L5] an answer that trickles byte by byte is read', async () => {
  const bytes = answer('200 OK', json, envelope);
  const trickle: Conduct = (socket) => {
    let sent = 0;
    const next = (): void => {
      if (sent < bytes.length) socket.write(bytes.subarray(sent, ++sent), () => setImmediate(next));
    };
    next();
  };
  expect(await posted(trickle)).toEqual(taken);
});

test('[L5] gzip and deflate are decoded, other codings are no answer', async () => {
  expect(await posted(answer('200 OK', [...json, 'Content-Encoding: gzip'], gzipSync(envelope)))).toEqual(taken);
  expect(await posted(answer('200 OK', [...json, 'Content-Encoding: deflate'], deflateSync(envelope)))).toEqual(taken);
  expect(await posted(answer('200 OK', [...json, 'Content-Encoding: br'], envelope))).toEqual(none('encoding', 'body'));
});

test('bytes after the end of the answer are not its business', async () => {
  const bytes = Buffer.concat([
    answer('200 OK', [...json, 'Connection: close'], envelope),
    Buffer.from('<script>injected</script>'),
  ]);
  expect(await posted(bytes)).toEqual(taken);
});

test('[F1] a body over the limit is too large: as it comes, chunked without end, and after decoding', async () => {
  const large = `{"decision":"${'x'.repeat(65_536)}"}`;
  expect(await posted(answer('200 OK', json, large))).toEqual(none('too-large', 'body'));
  expect(await posted(answer('200 OK', [...json, 'Content-Encoding: gzip'], gzipSync(large)))).toEqual(
    none('too-large', 'body'),
  );
  const endless: Conduct = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = (): void => {
      if (!socket.destroyed) socket.write(`4000\r\n{${'x'.repeat(16_383)}\r\n`, () => setImmediate(more));
    };
    more();
  };
  expect(await posted(endless)).toEqual(none('too-large', 'body'));
  const largest = `{"payload":"${'x'.repeat(65_536 - 29)}","signature":""}`;
  expect(largest).toHaveLength(65_536);
  expect(await posted(answer('200 OK', json, largest))).toMatchObject({ kind: 'body' });
});

test('[L4] a cut answer is truncated: short of its length, in a chunk, in its coding, in its head, in its JSON', async () => {
  const cut = Buffer.from(answer('200 OK', json, envelope)).subarray(0, -5);
  expect(await posted(cut)).toEqual(none('truncated', 'body'));
  expect(await posted('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"decision')).toEqual(
    none('truncated', 'body'),
  );
  const coded = gzipSync(envelope).subarray(0, 30);
  expect(await posted(answer('200 OK', [...json, 'Content-Encoding: gzip'], coded))).toEqual(none('truncated', 'body'));
  expect(await posted('HTTP/1.1 200 OK\r\nContent-Ty')).toEqual(none('truncated', 'first-byte'));
  expect(await posted(`HTTP/1.1 200 OK\r\n\r\n${envelope.slice(0, -1)}`)).toEqual(none('truncated', 'body'));
});

test('[L4] nothing is empty: no body, and no answer at all', async () => {
  expect(await posted(answer('200 OK', json, ''))).toEqual(none('empty', 'body'));
  expect(await posted('HTTP/1.1 204 No Content\r\n\r\n')).toEqual(none('empty', 'body'));
  expect(await posted((socket) => socket.end())).toEqual(none('empty', 'first-byte'));
});

test('[L4] a redirect is not followed: captive to another host, blocked to the same', async () => {
  const away = await post(answer('302 Found', ['Location: http://portal.example/'], ''));
  expect(away.exchange).toEqual(none('captive', 'first-byte'));
  expect(away.sent).toHaveLength(1);
  expect(await posted(answer('307 Temporary Redirect', ['Location: https://service.example/'], ''))).toEqual(
    none('blocked', 'first-byte'),
  );
});

test('[L4] a redirect, 407 and 511 are no answer even with an envelope inside', async () => {
  expect(await posted(answer('302 Found', ['Location: http://portal.example/'], envelope))).toEqual(
    none('captive', 'first-byte'),
  );
  expect(await posted(answer('407 Proxy Authentication Required', json, envelope))).toEqual(
    none('proxy-authentication', 'first-byte'),
  );
  expect(await posted(answer('511 Network Authentication Required', json, envelope))).toEqual(none('captive', 'body'));
});

test("a password that the explicit proxy refuses with 401 is its, not the service's", async () => {
  const refuses = answer('401 Unauthorized', [], '<html></html>');
  expect(await posted(refuses, { explicitProxy: { host: 'proxy.example', port: 3128 } })).toEqual(
    none('proxy-authentication', 'first-byte'),
  );
});

test('[L4] a block page with status 200 is no answer, nor is one over the limit or cut short', async () => {
  const html = ['Content-Type: text/html'];
  expect(await posted(answer('200 OK', html, '<html>blocked</html>'))).toEqual(none('blocked', 'body'));
  expect(await posted(answer('403 Forbidden', html, `<html>${'x'.repeat(70_000)}`))).toEqual(none('blocked', 'body'));
  expect(await posted(Buffer.from(answer('503 No', html, '<html>blocked</html>')).subarray(0, -4))).toEqual(
    none('blocked', 'body'),
  );
  expect(await posted(answer('200 OK', html, '<form><input type=password>'))).toEqual(none('captive', 'body'));
});

test('[L4] a neutral problem of the service is no answer, and its status is told', async () => {
  const problem = '{"title":"Bad Request","status":400}';
  const exchange = await posted(answer('400 Bad Request', ['Content-Type: application/problem+json'], problem));
  expect(exchange).toMatchObject({
    kind: 'no-answer',
    cause: 'http',
    stage: 'body',
    failure: 'not-an-answer',
    status: 400,
  });
});

test.each([
  ['429 Too Many Requests', '120', 120],
  ['503 Service Unavailable', '7', 7],
  ['503 Service Unavailable', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ['503 Service Unavailable', '-5', undefined],
  ['400 Bad Request', '120', undefined],
])('[L9] %s with Retry-After "%s" is a hint of %s s', async (status, value, seconds) => {
  const head = ['Content-Type: application/problem+json', `Retry-After: ${value}`];
  const exchange = await posted(answer(status, head, '{"title":"No"}'));
  expect(exchange).toMatchObject({ kind: 'no-answer', cause: 'http' });
  expect('retryAfterSeconds' in exchange ? exchange.retryAfterSeconds : undefined).toBe(seconds);
});

test('[L4] an answer is taken for what was asked: not for a report, nor an acknowledgement for a request', async () => {
  const peer = await startPlainPeer(answer('200 OK', json, envelope));
  peers.push(peer);
  const transport = createTransport({ service, ports: { http: 80, https: 443 }, connectTo: { '*:80': peer.address } });
  const connection = (await transport.connect('http', nobody)) as Connection;
  expect(await connection.post(path, signed, isEnvelope)).toEqual(none('http', 'body'));
});

test('what is not HTTP, an upgrade and contradicting lengths are no answer', async () => {
  expect(await posted('SSH-2.0-box\r\n\r\n')).toEqual(none('http', 'first-byte'));
  expect(await posted('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')).toEqual(
    none('http', 'first-byte'),
  );
  const both = `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
  expect(await posted(both)).toEqual(none('http', 'first-byte'));
  expect(await posted(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`)).toEqual(none('http', 'first-byte'));
});

test('a reset is a reset, before and after the first byte truncated', async () => {
  expect(await posted((socket) => socket.resetAndDestroy())).toEqual(none('reset', 'first-byte'));
  const late: Conduct = (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{', () =>
      setTimeout(() => socket.resetAndDestroy(), 20),
    );
  expect(await posted(late)).toEqual(none('truncated', 'body'));
});

test('[L3] a service that hangs runs into the deadline of the first byte; one that drips, of the whole', async () => {
  expect(await posted(SILENT, { deadlines: { 'first-byte': 40 } })).toEqual(none('timeout', 'first-byte'));
  const drips: Conduct = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n{');
    const drip = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(drip));
  };
  expect(await posted(drips, { deadlines: { whole: 150 } })).toEqual(none('timeout', 'body'));
  const dripsHead: Conduct = (socket) => {
    const drip = setInterval(() => socket.write('H'), 20);
    socket.write('HTTP/1.1 200 OK\r\n');
    socket.on('close', () => clearInterval(drip));
  };
  expect(await posted(dripsHead, { deadlines: { whole: 150 } })).toEqual(none('timeout', 'first-byte'));
});

test('[L3] a connection is for one request and is closed after it', async () => {
  const closed: string[] = [];
  const peer = await startPlainPeer((socket) => {
    socket.on('close', () => closed.push('closed'));
    socket.write(answer('200 OK', [...json, 'Connection: keep-alive'], envelope));
  });
  peers.push(peer);
  const transport = createTransport({ service, ports: { http: 80, https: 443 }, connectTo: { '*:80': peer.address } });
  const connection = (await transport.connect('http', nobody)) as Connection;
  expect(await connection.post(path, signed, isEither)).toEqual(taken);
  expect(await connection.post(path, signed, isEither)).toEqual(none('reset', 'first-byte'));
  await expect.poll(() => closed).toEqual(['closed']);
  expect(peer.received).toHaveLength(1);
});

test('[L3] a connection is closed too when the answer has no end', async () => {
  const closed: string[] = [];
  const drips: Conduct = (socket) => {
    const drip = setInterval(() => socket.write('x'), 10);
    socket.write('HTTP/1.1 200 OK\r\n\r\n{');
    socket.on('close', () => closed.push('closed') && clearInterval(drip));
  };
  expect(await posted(drips, { deadlines: { whole: 60 } })).toEqual(none('timeout', 'body'));
  await expect.poll(() => closed).toEqual(['closed']);
});

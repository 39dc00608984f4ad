import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTcp, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../run-command.ts';
import { createTemporaryDirectory, type TemporaryDirectory } from '../temporary-directory.ts';
import { type Authority, createAuthority, issueServerCertificate } from '../test-pki.ts';
import type { Behaviour } from './behaviours.ts';
import { connectControl, serveControl } from './control.ts';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
import { startFaultyProxyProcess } from './faulty-proxy-process.ts';

const name = 'app.example';
let directory: TemporaryDirectory;
let root: Authority;
let authority: Authority;
let device: { readonly key: string; readonly cert: string };
let origin: Server;
let proxy: FaultyProxy;
let originSawCertificate = false;

beforeAll(async () => {
  directory = await createTemporaryDirectory('faulty-proxy-test');
  const webRoot = await createAuthority({ subject: 'CN=Public Web Root', keyType: 'ec-p256' });
  root = await createAuthority({ subject: 'CN=Box Root,O=Box' });
  authority = await createAuthority({ subject: 'CN=Box Issuing CA,O=Box', issuer: root });
  const server = await issueServerCertificate(webRoot, { names: [name] });
  const client = await issueServerCertificate(webRoot, { names: ['device.invalid'] });
  device = { key: client.keyPem, cert: client.chainPem };
  // Echoes the request's body in JSON, so that answers to different requests differ; each answer has a number.
  let count = 0;
  origin = createHttpsServer(
    { key: server.keyPem, cert: server.chainPem, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      originSawCertificate = 'subject' in (request.socket as TLSSocket).getPeerCertificate();
      void request.toArray().then((body: Buffer[]) => {
        count += 1;
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ count, asked: Buffer.concat(body).toString(), filler: 'x'.repeat(300) }));
      });
    },
  ).listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const address = origin.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  const upstreamRoots = [webRoot.certificatePem];
  const route = { host: '127.0.0.1', port: address.port };
  proxy = await startFaultyProxy({
    authority,
    upstreamRoots,
    routes: { 'app.example:443': route },
    drip: { bytes: 50, everyMs: 5 },
  });
});

afterEach(async () => {
  await proxy.behave([]);
  await proxy.forget();
});

afterAll(async () => {
  await proxy.close();
  origin.close();
  await directory.remove();
});

const raw = (body: string, more = ''): string =>
  `POST /p HTTP/1.1\r\nHost: ${name}\r\nX-Odd_Case: 1\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

async function connectThrough(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { host, port } = proxy.addresses.https;
  const socket = connectTls({ host, port, servername: name, ca: root.certificatePem, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything the proxy sends until it closes. */
async function readAll(socket: Socket): Promise<string> {
  return Buffer.concat(await socket.toArray()).toString('latin1');
}

async function ask(body = 'hello', options: ConnectionOptions = {}): Promise<string> {
  const socket = await connectThrough(options);
  socket.write(raw(body));
  return readAll(socket);
}

const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);

/** 'silent' when nothing comes and nothing closes for a while. */
async function waitFor(socket: Socket): Promise<string> {
  const outcome = await Promise.race([
    once(socket, 'data').then(() => 'data'),
    once(socket, 'close').then(() => 'closed'),
    new Promise<string>((resolve) => setTimeout(resolve, 300, 'silent')),
  ]).catch((error: NodeJS.ErrnoException) => error.code ?? 'error');
  socket.destroy();
  return outcome;
}

describe('answers', () => {
  test('without behaviours the origin’s answer arrives unchanged and the request is recorded byte for byte', async () => {
    expect(JSON.parse(bodyOf(await ask('plain')))).toMatchObject({ asked: 'plain' });
    const [exchange] = await proxy.exchanges();
    expect(exchange).toMatchObject({ name, port: 443, transport: 'tls', startLine: 'POST /p HTTP/1.1' });
    expect(exchange?.rawRequest.toString()).toBe(raw('plain'));
    expect(exchange?.headers).toContainEqual(['X-Odd_Case', '1']);
    expect(exchange?.body.toString()).toBe('plain');
  });

  const expected: readonly (readonly [Behaviour, RegExp])[] = [
    ['block-page-200', /^HTTP\/1\.1 200 [\s\S]*text\/html[\s\S]*Access blocked/],
    ['block-page-403', /^HTTP\/1\.1 403 [\s\S]*Access blocked/],
    ['block-page-503', /^HTTP\/1\.1 503 [\s\S]*Access blocked/],
    ['redirect-to-portal', /^HTTP\/1\.1 302 [\s\S]*Location: http:\/\/portal\.invalid\/[\s\S]*Set-Cookie: portal=/],
    ['status-500', /^HTTP\/1\.1 500 [\s\S]*"asked":"hello"/],
    ['empty-body', /^HTTP\/1\.1 200 [\s\S]*Content-Length: 0\r\n\r\n$/],
    ['injected-html', /^HTTP\/1\.1 200 [\s\S]*"\}<script src=/],
    ['portal-511', /^HTTP\/1\.1 511 [\s\S]*<html/i],
    ['unknown-coding', /^HTTP\/1\.1 200 [\s\S]*Content-Encoding: x-box\r\n/],
    ['lower-cased-headers', /^HTTP\/1\.1 200 OK\r\n(?:[a-z-]+: .*\r\n)+\r\n\{/],
    ['removed-headers', /^HTTP\/1\.1 200 OK\r\nConnection: close\r\nContent-Length: \d+\r\n\r\n\{/],
    ['chunked-answer', /^HTTP\/1\.1 200 OK\r\n[\s\S]*Transfer-Encoding: chunked\r\n\r\n64\r\n\{[\s\S]*\r\n0\r\n\r\n$/],
    ['http10-answer', /^HTTP\/1\.0 200 OK\r\n(?![\s\S]*Content-Length)[\s\S]*\}$/],
    ['headerless-answer', /^\{"count":\d+,"asked":"hello",[\s\S]*\}$/],
    ['slow-drip', /^HTTP\/1\.1 200 OK\r\n[\s\S]*"asked":"hello"[\s\S]*\}$/],
  ];
  test.each(expected)('%s', async (behaviour, form) => {
    await proxy.behave([behaviour]);
    expect(await ask()).toMatch(form);
  });

  test('truncated-body declares more than it sends', async () => {
    await proxy.behave(['truncated-body']);
    const answer = await ask();
    expect(Number(/Content-Length: (\d+)/.exec(answer)?.[1])).toBeGreaterThan(bodyOf(answer).length);
  });

  test('gzip-body compresses although nobody asked', async () => {
    await proxy.behave(['gzip-body']);
    const answer = await ask();
    expect(answer).toContain('Content-Encoding: gzip');
    expect(gunzipSync(Buffer.from(bodyOf(answer), 'latin1')).toString()).toContain('"asked":"hello"');
  });

  test('replay-old-answer serves the last answer to the same target again', async () => {
    const first = bodyOf(await ask('one'));
    await proxy.behave(['replay-old-answer']);
    expect(bodyOf(await ask('two'))).toBe(first);
  });

  test('swap-answers serves the answer to somebody else’s request', async () => {
    await ask('mine');
    await proxy.behave(['swap-answers']);
    expect(bodyOf(await ask('yours'))).toContain('"asked":"mine"');
  });

  test('refuse-chunked-requests refuses those and no others', async () => {
    await proxy.behave(['refuse-chunked-requests']);
    const socket = await connectThrough();
    socket.write(`POST /p HTTP/1.1\r\nHost: ${name}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 411 /);
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('behaviours can be limited to a path and to an entrance', async () => {
    await proxy.behave(['block-page-403'], { path: '/other' });
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
    await proxy.behave(['block-page-403'], { entrances: ['http'] });
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
    await proxy.behave(['block-page-403'], { entrances: ['https'], path: '/p', names: [name] });
    expect(await ask()).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe('TLS', () => {
  const refused: readonly (readonly [Behaviour, string])[] = [
    ['leaf-only-chain', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['expired-leaf', 'CERT_HAS_EXPIRED'],
    ['not-yet-valid-leaf', 'CERT_NOT_YET_VALID'],
    ['wrong-name-leaf', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['self-signed-leaf', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['distrusted-issuer', 'SELF_SIGNED_CERT_IN_CHAIN'],
    // The twin is presented beside its leaf, and its name leads to the trusted root, which did not sign it.
    ['twin-ca', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ];
  test.each(refused)('%s fails with %s under the box’s root', async (behaviour, code) => {
    await proxy.behave([behaviour]);
    await expect(ask()).rejects.toMatchObject({ code });
  });

  test('leaf-only-chain validates when the issuing CA itself is the anchor', async () => {
    await proxy.behave(['leaf-only-chain']);
    expect(await ask('x', { ca: authority.certificatePem, allowPartialTrustChain: true })).toContain('"asked":"x"');
  });

  test('twin-ca validates under the twin, whose subject is the authority’s', async () => {
    await proxy.behave(['twin-ca']);
    const twin = await proxy.twin();
    expect(twin.certificate.subject).toBe(authority.certificate.subject);
    expect(await ask('x', { ca: twin.certificatePem })).toContain('"asked":"x"');
  });

  test('chain-with-root-and-duplicates still validates and really has five certificates', async () => {
    await proxy.behave(['chain-with-root-and-duplicates']);
    expect(await ask()).toContain('"asked":"hello"');
    const { host, port } = proxy.addresses.https;
    const shown = await runCommand([
      'openssl',
      's_client',
      '-connect',
      `${host}:${port}`,
      '-servername',
      name,
      '-showcerts',
    ]);
    expect(shown.stdout.match(/BEGIN CERTIFICATE/g)).toHaveLength(5);
  });

  test('leaf-without-key-identifiers and ecdsa-leaf validate, and are what they say', async () => {
    await proxy.behave(['leaf-without-key-identifiers']);
    const bare = await connectThrough();
    expect(bare.getPeerX509Certificate()?.toLegacyObject().raw.includes(Buffer.from('551d23', 'hex'))).toBe(false);
    bare.destroy();
    await proxy.behave(['ecdsa-leaf']);
    const ec = await connectThrough();
    expect(ec.getPeerX509Certificate()?.publicKey.asymmetricKeyType).toBe('ec');
    ec.destroy();
  });

  test('tls12-only speaks TLS 1.2; alpn-fatal fails clients that offer ALPN and no others', async () => {
    await proxy.behave(['tls12-only', 'alpn-fatal']);
    const socket = await connectThrough();
    expect(socket.getProtocol()).toBe('TLSv1.2');
    socket.destroy();
    await expect(connectThrough({ ALPNProtocols: ['http/1.1'] })).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    });
  });

  test('strips-client-certificate: the box gets it, the origin does not', async () => {
    await proxy.behave(['strips-client-certificate']);
    await ask('x', device);
    expect((await proxy.exchanges()).at(-1)?.clientCertificate).toBe('presented');
    expect(originSawCertificate).toBe(false);
  });
});

describe('hanging and cutting', () => {
  test('hang-after-accept', async () => {
    await proxy.behave(['hang-after-accept']);
    const socket = connectTcp(proxy.addresses.http);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await waitFor(socket)).toBe('silent');
  });

  test('reset-after-accept', async () => {
    await proxy.behave(['reset-after-accept']);
    expect(await waitFor(connectTcp(proxy.addresses.https))).toBe('ECONNRESET');
  });

  test.each(['hang-after-handshake', 'hang-after-request'] as const)('%s', async (behaviour) => {
    await proxy.behave([behaviour]);
    const socket = await connectThrough();
    socket.write(raw('x'));
    expect(await waitFor(socket)).toBe('silent');
    expect(await proxy.exchanges()).toHaveLength(behaviour === 'hang-after-request' ? 1 : 0);
  });

  test('reset-after-handshake', async () => {
    await proxy.behave(['reset-after-handshake']);
    expect(await waitFor(await connectThrough())).toBe('ECONNRESET');
  });
});

describe('the explicit entrance', () => {
  const connectVia = (target: string, credentials?: string): Promise<string> => {
    const socket = connectTcp(proxy.addresses.explicit);
    const given = credentials ? `Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n` : '';
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${given}\r\n`);
    return once(socket, 'data').then(([data]) => {
      socket.destroy();
      return String(data);
    });
  };

  test('proxy-authentication: 407 without or with wrong credentials, 200 with the right ones', async () => {
    await proxy.behave(['proxy-authentication']);
    expect(await connectVia('app.example:443')).toMatch(/^HTTP\/1\.1 407 [\s\S]*Proxy-Authenticate: Basic realm=/);
    expect(await connectVia('app.example:443', 'device:wrong')).toMatch(/^HTTP\/1\.1 407 /);
    expect(await connectVia('app.example:443', 'device:secret')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await proxy.exchanges()).toHaveLength(3);
  });

  test('bad-password-401: a wrong password gets 401 over HTTP/1.0', async () => {
    await proxy.behave(['proxy-authentication', 'bad-password-401']);
    expect(await connectVia('app.example:443')).toMatch(/^HTTP\/1\.1 407 /);
    expect(await connectVia('app.example:443', 'device:wrong')).toMatch(/^HTTP\/1\.0 401 /);
  });

  test('proxy-negotiate: 407 with schemes that a device cannot do, whatever comes', async () => {
    await proxy.behave(['proxy-negotiate']);
    const refused = /^HTTP\/1\.1 407 [\s\S]*Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n/;
    expect(await connectVia('app.example:443', 'device:secret')).toMatch(refused);
  });

  test('connect-443-only refuses other ports', async () => {
    await proxy.behave(['connect-443-only']);
    expect(await connectVia('app.example:8883')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await connectVia('app.example:443')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test('control from outside: behaviours and exchanges over HTTP on loopback, an unknown behaviour is refused', async () => {
  const server = await serveControl(proxy, { kind: 'loopback', port: 0 });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  const control = connectControl({ kind: 'loopback', port: address.port });
  await control.behave(['block-page-200'], { path: '/p' });
  expect(await ask('over control')).toContain('Access blocked');
  const [exchange] = await control.exchanges();
  expect(exchange).toEqual((await proxy.exchanges())[0]);
  await control.forget();
  expect(await control.exchanges()).toEqual([]);
  await expect(control.behave(['no-such' as Behaviour])).rejects.toThrow(/refuses PUT \/behaviours.*unknown behaviour/);
  server.close();
});

test('as a process: it makes its CA, is controlled over a Unix socket, and ends when closed', async () => {
  const rootFile = join(directory.path, 'web-root.pem');
  await writeFile(rootFile, root.certificatePem);
  const child = await startFaultyProxyProcess({
    directory: directory.path,
    upstreamRootFiles: [rootFile],
    routes: {},
    hierarchy: 'issuing',
  });
  await child.behave(['block-page-200']);
  const { host, port } = child.addresses.https;
  const ca = child.inspectionCaPem;
  const socket = connectTls({ host, port, servername: name, ca, allowPartialTrustChain: true });
  socket.write(raw('x'));
  expect(await readAll(socket)).toContain('Access blocked');
  expect(await child.exchanges()).toHaveLength(1);
  await child.close();
});

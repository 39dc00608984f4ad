import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { Agent, createServer as createHttpsServer, get } from 'node:https';
import { connect as connectTcp, type Server } from 'node:net';
import { join } from 'node:path';
import {
  connect as connectTls,
  createServer as createTlsServer,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTemporaryDirectory, type TemporaryDirectory } from '../temporary-directory.ts';
import { type Authority, createAuthority, issueServerCertificate } from '../test-pki.ts';
import { type ProxyProcess, startInspectingProxyProcess } from './inspecting-proxy-process.ts';
import type { Address } from './upstream.ts';

const open: Server[] = [];
let directory: TemporaryDirectory;
let webRoot: Authority;
let proxy: ProxyProcess;

async function listen(server: Server): Promise<Address> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { host: '127.0.0.1', port: address.port };
}

beforeAll(async () => {
  directory = await createTemporaryDirectory('inspecting-proxy-test');
  webRoot = await createAuthority({ subject: 'CN=Public Web Root', keyType: 'ec-p256' });
  const privateRoot = await createAuthority({ subject: 'CN=Private Root', keyType: 'ec-p256' });
  const good = await issueServerCertificate(webRoot, { names: ['app.example', 'mqtt.example'] });
  const bad = await issueServerCertificate(privateRoot, { names: ['private.example'] });
  const app = await listen(
    createHttpsServer({ key: good.keyPem, cert: good.chainPem }, (_request, response) => response.end('{"ok":true}')),
  );
  const closed = await listen(createHttpsServer({ key: bad.keyPem, cert: bad.chainPem }, (_q, r) => r.end('private')));
  const plain = await listen(createHttpServer((request, response) => response.end(`plain ${request.url}`)));
  const echo = await listen(
    createTlsServer({ key: good.keyPem, cert: good.chainPem }, (socket) => socket.pipe(socket)),
  );
  const roots = join(directory.path, 'web-root.pem');
  await writeFile(roots, webRoot.certificatePem);
  proxy = await startInspectingProxyProcess({
    directory: directory.path,
    upstreamRootFiles: [roots],
    routes: {
      'app.example:443': app,
      'private.example:443': closed,
      'app.example:80': plain,
      'mqtt.example:8883': echo,
    },
  });
});

afterAll(async () => {
  await proxy.close();
  for (const server of open) server.close();
  await directory.remove();
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

function fetchThrough(name: string, ca: string): Promise<Answer> {
  const { host, port } = proxy.addresses.https;
  const agent = new Agent({ keepAlive: false });
  return new Promise((resolve, reject) => {
    get({ host, port, servername: name, headers: { host: name }, ca, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    }).on('error', reject);
  });
}

async function talk(socket: TLSSocket, words: string | Buffer): Promise<string> {
  await once(socket, 'secureConnect');
  socket.write(words);
  const [echoed] = await once(socket, 'data');
  socket.destroy();
  return String(echoed);
}

describe('our own inspecting proxy, as a process, without root', () => {
  test('the public root alone does not validate what it presents', async () => {
    await expect(fetchThrough('app.example', webRoot.certificatePem)).rejects.toThrow(
      /unable to get local issuer|self-signed certificate in certificate chain/,
    );
  });

  test('its CA makes the same connection validate, and the answer is the origin’s', async () => {
    expect(await fetchThrough('app.example', proxy.inspectionCaPem)).toEqual({ status: 200, body: '{"ok":true}' });
  });

  test('an origin it does not trust becomes a block page under a valid certificate', async () => {
    const answer = await fetchThrough('private.example', proxy.inspectionCaPem);
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('<html>');
  });

  test('plain HTTP is routed by Host', async () => {
    const { host, port } = proxy.addresses.http;
    const request = httpRequest({ host, port, path: '/x', headers: { host: 'app.example' } }).end();
    const [response] = await once(request, 'response');
    expect(String(await response.toArray())).toBe('plain /x');
  });

  test('any protocol over TLS passes, as MQTT needs', async () => {
    const { host, port } = proxy.addresses.mqtts;
    const socket = connectTls({ host, port, servername: 'mqtt.example', ca: proxy.inspectionCaPem });
    expect(await talk(socket, Buffer.from([0x10, 0x41]))).toBe('\x10A');
  });

  test('explicit: CONNECT leads to an inspected connection', async () => {
    const { host, port } = proxy.addresses.explicit;
    const raw = connectTcp({ host, port });
    raw.write('CONNECT app.example:443 HTTP/1.1\r\nHost: app.example:443\r\n\r\n');
    const [established] = await once(raw, 'data');
    expect(String(established)).toMatch(/^HTTP\/1\.1 200 /);
    const socket = connectTls({ socket: raw, servername: 'app.example', ca: proxy.inspectionCaPem });
    expect(await talk(socket, 'GET / HTTP/1.1\r\nHost: app.example\r\n\r\n')).toContain('{"ok":true}');
  });

  test('explicit: an absolute-form request is answered', async () => {
    const { host, port } = proxy.addresses.explicit;
    const request = httpRequest({ host, port, path: 'http://app.example/y' }).end();
    const [response] = await once(request, 'response');
    expect(String(await response.toArray())).toBe('plain /y');
  });

  test('leaves are RSA-2048 even for an elliptic-curve origin, and cached per name', async () => {
    const leaf = async (): Promise<DetailedPeerCertificate> => {
      const { host, port } = proxy.addresses.https;
      const socket = connectTls({ host, port, servername: 'app.example', ca: proxy.inspectionCaPem });
      await once(socket, 'secureConnect');
      const certificate = socket.getPeerCertificate(true);
      socket.destroy();
      return certificate;
    };
    const [first, second] = [await leaf(), await leaf()];
    expect(first.bits).toBe(2048);
    expect(first.serialNumber).toBe(second.serialNumber);
    expect(Date.parse(first.valid_from)).toBeLessThan(Date.now() - 5 * 60_000);
  });

  test('it logs what it read of each connection', async () => {
    const logged = expect.poll(async () => (await proxy.intercepted()).join('\n'));
    await logged.toMatch(/intercepted app\.example:443 \(TLSv1\.3\): read "GET \/ HTTP\/1\.1", \d+ bytes up/);
    await logged.toMatch(/intercepted private\.example:443 \(TLSv1\.3\): blocked/);
    await logged.toMatch(/intercepted mqtt\.example:8883 \(TLSv1\.3\): read bytes that are not HTTP/);
  });
});
